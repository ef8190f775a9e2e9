/**
 * Sends lines no faster than the guest's terminal takes them. Emulated serial ports hold little (v86: 4096 bytes) and
 * some drop what is too much. The terminal itself prints a line break for each line that it has taken (`echonl`), which
 * costs the guest no program and no time; noise may add line breaks, so that some lines are sent a little early.
 */
import { sleep } from '../../host/deadline.ts';
import type { ConsoleLine } from './line.ts';

/** Bytes under way at most, if there is more than one line. */
const WINDOW = 3_000;
/** Milliseconds. A terminal that tells nothing is not waited for any longer, nor asked as much of again. */
const PATIENCE_MS = 1_000;

export class Pacer {
  readonly #line: ConsoleLine;
  /** Lengths of the lines that were sent and not yet taken, oldest first. */
  #underWay: number[] = [];
  #onTaken: () => void = () => {};

  constructor(line: ConsoleLine) {
    this.#line = line;
  }

  /** The terminal has taken a line. */
  acknowledge(): void {
    this.#underWay.shift();
    this.#onTaken();
  }

  async send(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      await this.#room(line.length + 1);
      this.#underWay.push(line.length + 1);
      await this.#line.write(`${line}\n`);
    }
  }

  async #room(bytes: number): Promise<void> {
    for (;;) {
      const full = this.#underWay.reduce((sum, each) => sum + each, 0) + bytes > WINDOW;
      if (!full || this.#underWay.length === 0) return;
      const stop = new AbortController();
      const taken = new Promise<true>((resolve) => {
        this.#onTaken = () => resolve(true);
      });
      const heard = await Promise.race([
        taken,
        sleep(PATIENCE_MS, stop.signal).then(
          () => false,
          () => true,
        ),
      ]);
      stop.abort();
      if (this.#line.lost) throw this.#line.lost;
      if (!heard) this.#underWay = [];
    }
  }
}
