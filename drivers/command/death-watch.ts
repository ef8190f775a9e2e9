/** Notices that a machine has ended by itself: its program is asked from time to time. */
import { sleep } from '../../src/host/deadline.ts';
import type { Answer } from './protocol.ts';

/** Milliseconds between looks. Each starts a program on the host. */
const PAUSE_MS = 2_000;

export class DeathWatch {
  /** Why, in words. Never rejects. */
  readonly died: Promise<string>;
  readonly #look: (signal: AbortSignal) => Promise<Answer<'status'>>;
  readonly #stop = new AbortController();
  #tell: (why: string) => void = () => {};

  constructor(look: (signal: AbortSignal) => Promise<Answer<'status'>>) {
    this.#look = look;
    this.died = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  begin(): void {
    void this.#watch().catch(() => {});
  }

  end(): void {
    this.#stop.abort();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await sleep(PAUSE_MS, signal);
      // A program that fails for once says nothing about its machine.
      const status = await this.#look(signal).catch(() => undefined);
      signal.throwIfAborted();
      if (status === undefined || status.state === 'running') continue;
      this.#tell(status.reason ?? `its engine says that it is ${status.state}`);
      return;
    }
  }
}
