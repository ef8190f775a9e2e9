/**
 * When to paint: soon after something happened, but not more often than an eye can follow, and once a second for the
 * clocks. Does not keep the process alive.
 */

/** Milliseconds. A run of many short cells has hundreds of events a second; five pictures of them are enough. */
const BETWEEN = 200;
const CLOCKS = 1_000;

export class Repeater {
  readonly #paint: () => void;
  #timer: NodeJS.Timeout | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #due = Number.POSITIVE_INFINITY;
  #running = false;

  constructor(paint: () => void) {
    this.#paint = paint;
  }

  start(): void {
    this.#running = true;
    this.soon();
  }

  soon(): void {
    this.#at(Math.max(performance.now(), this.#last + BETWEEN));
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#due = Number.POSITIVE_INFINITY;
  }

  #at(time: number): void {
    if (!this.#running || this.#due <= time) return;
    clearTimeout(this.#timer);
    this.#due = time;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, time - performance.now())).unref();
  }

  #fire(): void {
    this.#last = performance.now();
    this.#due = Number.POSITIVE_INFINITY;
    this.#paint();
    this.#at(this.#last + CLOCKS);
  }
}
