/** Remembers when clean states were made: the result of a run does not tell, and whole queues wait for them. */
import type { RunEvent } from '../../src/results/events.ts';
import type { Preparation } from './page-data.ts';

export class Preparations {
  readonly #now: () => number;
  readonly #open = new Map<string, number>();
  readonly done: Preparation[] = [];
  #runStarted = 0;

  /** @param now milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  onEvent(event: RunEvent): void {
    if (event.type === 'run:start') this.#runStarted = Date.parse(event.run.started);
    if (event.type !== 'target:prepare') return;
    const { target, state } = event;
    const at = Math.max(0, this.#now() - this.#runStarted);
    if (state === 'start') this.#open.set(target, at);
    if (state !== 'done' && state !== 'failed') return;
    this.done.push({ target, state, start: this.#open.get(target) ?? at, end: at });
    this.#open.delete(target);
  }
}
