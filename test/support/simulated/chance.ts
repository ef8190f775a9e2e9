/** Numbers that look like chance and are the same for the same seed; of seed 0 all are 0. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A natural number below 2³¹. xorshift32, whose fixed point is 0 (Marsaglia 2003, "Xorshift RNGs"). */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state >>> 1;
  }
}
