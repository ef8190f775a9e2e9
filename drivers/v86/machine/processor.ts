/** Whether the guest's processor runs: when it was started, nobody holds it, and it was not ended. */
import type { Emulator } from './emulator.ts';

export class Processor {
  readonly #emulator: Emulator;
  #started = false;
  #held = false;
  #ended = false;
  /** One change after another: stopping takes until the end of a slice. */
  #changing = Promise.resolve();

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  start(): void {
    this.#started = true;
    void this.#apply();
  }

  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    void this.#apply();
  }

  /** Resolves when it stands still, and it stays so. */
  end(): Promise<void> {
    this.#ended = true;
    return this.#apply();
  }

  #apply(): Promise<void> {
    this.#changing = this.#changing.then(async () => {
      const run = this.#started && !this.#held && !this.#ended;
      if (run !== this.#emulator.is_running()) await (run ? this.#emulator.run() : this.#emulator.stop());
    });
    return this.#changing;
  }
}
