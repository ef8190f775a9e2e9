/** Notices that a VM has ended by itself: engines tell nobody, so it is looked at from time to time. */
import { sleep } from '../../src/host/deadline.ts';
import type { Commands } from './commands.ts';
import type { VmContext, VmRef, VmState } from './control.ts';

/** Milliseconds between looks. A look starts a program on the host. */
const PAUSE_MS = 1_500;

const ENDS: Partial<Record<VmState, string>> = {
  off: 'it is off',
  saved: 'it was suspended',
  paused: 'it was paused: by a person, or by the engine for want of disk space',
  broken: 'the engine calls it broken',
};

export class DeathWatch {
  /** Why, in words. Never rejects. */
  readonly died: Promise<string>;
  readonly #stop = new AbortController();
  readonly #commands: Commands;
  readonly #vm: VmRef;
  readonly #context: VmContext;
  #tell: (why: string) => void = () => {};

  constructor(commands: Commands, vm: VmRef, context: VmContext) {
    this.#commands = commands;
    this.#vm = vm;
    this.#context = context;
    this.died = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  begin(): void {
    void this.#look().catch(() => {});
  }

  end(): void {
    this.#stop.abort();
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await sleep(PAUSE_MS, signal);
      const why = await this.#whyDead(signal);
      signal.throwIfAborted();
      if (why === undefined) continue;
      this.#tell(`the VM ${this.#vm.name} ended: ${why}`);
      return;
    }
  }

  /** An engine that does not answer for once says nothing about its VM. */
  async #whyDead(signal: AbortSignal): Promise<string | undefined> {
    const { control } = this.#commands;
    try {
      const state = await this.#commands.run(signal, () =>
        control.state(this.#vm, { ...this.#context, signal }),
      );
      return state === undefined ? 'it is not there any more' : ENDS[state];
    } catch {
      return undefined;
    }
  }
}
