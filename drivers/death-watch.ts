/** Notices that a machine has ended by itself: some engines tell nobody, so it is looked at from time to time. */
import { sleep } from '../src/host/deadline.ts';

export interface DeathLook {
  /** Milliseconds between looks. A look starts a program on the host. */
  pause: number;
  /** Why it ended, in words; undefined while it runs. An engine that fails for once says nothing about its machine. */
  whyDead(signal: AbortSignal): Promise<string | undefined>;
}

export class DeathWatch {
  /** Why, in words. Never rejects. */
  readonly died: Promise<string>;
  readonly #look: DeathLook;
  readonly #stop = new AbortController();
  #tell: (why: string) => void = () => {};

  constructor(look: DeathLook) {
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
      await sleep(this.#look.pause, signal);
      const why = await this.#look.whyDead(signal).catch(() => undefined);
      signal.throwIfAborted();
      if (why !== undefined) return this.#tell(why);
    }
  }
}
