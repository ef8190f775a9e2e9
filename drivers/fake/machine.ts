import type { BaseTarget } from '../../matrix/model.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { Machine, MachineAccess } from '../driver.ts';
import { FakeChannel } from './channel.ts';
import type { FakePhase, Script } from './script.ts';

export class FakeMachine implements Machine {
  readonly name: string;
  readonly clean;
  readonly died: Promise<string>;
  readonly #script: Script;
  #die: (why: string) => void = () => {};
  #released = false;

  constructor(name: string, target: BaseTarget, script: Script) {
    this.name = name;
    this.clean = { identity: `fake:${target.name}:${target.snapshot}`, facts: {} };
    this.#script = script;
    this.died = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  play(phase: FakePhase, signal: AbortSignal): Promise<number | undefined> {
    return this.#script.play(phase, signal, () => this.#die(`it was made to die in phase ${phase}`));
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.play('boot', signal);
  }

  async access(): Promise<MachineAccess> {
    return {
      kind: 'direct',
      open: async (signal) => {
        await this.play('connect', signal);
        return new FakeChannel(this.#script.options, (phase, abort) => this.play(phase, abort));
      },
    };
  }

  async screenshot(): Promise<void> {
    throw new VmtestError('NO_SCREEN', 'a make-believe machine has no screen');
  }

  async stop(): Promise<void> {}

  async release(): Promise<void> {
    if (this.#released) return;
    await this.play('release', new AbortController().signal);
    this.#released = true;
  }

  async keep(): Promise<string[]> {
    return ['a make-believe machine: there is nothing to see'];
  }
}
