import type { Phase } from '../results/model.ts';

/** Knows in which phase a cell is, and how long each took. */
export class PhaseClock {
  readonly timings: Partial<Record<Phase, number>> = {};
  #phase: Phase = 'queue';
  #since: number;

  /** @param since when the first phase (`queue`) began, as `performance.now()` tells it. */
  constructor(since: number) {
    this.#since = since;
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.stop();
    this.#phase = phase;
  }

  /** Books the time of the present phase up to now. */
  stop(): void {
    const now = performance.now();
    this.timings[this.#phase] = round((this.timings[this.#phase] ?? 0) + now - this.#since);
    this.#since = now;
  }
}

/** To a tenth of a millisecond: more digits would only be noise in every report. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
