const ASCII = 128;

/** States. Half a KiB each: some secrets have hundreds, a private key has thousands. */
const MOST_TABLED = 32 * 1024;

/**
 * Finds many fixed strings in one pass over a text that comes in pieces (Aho and Corasick, 1975). The time does not
 * depend on how many there are, nor on what an unfriendly text does to a backtracking search.
 */
export class MultiMatch {
  /** Per state: next state by UTF-16 code unit. State 0 is the start. */
  readonly #next: Map<number, number>[] = [new Map()];
  /** Per state: the state of its longest proper suffix. */
  readonly #suffix: number[] = [0];
  readonly #depth: number[] = [0];
  readonly #longest: number[] = [0];
  /** The step from each state by each unit of ASCII, when there are not too many. */
  #table = new Int32Array(0);
  /** Length of the longest word. */
  deepest = 0;

  constructor(words: Iterable<string>) {
    for (const word of words) this.#add(word);
    const queue = this.#linkSuffixes();
    if (queue.length < MOST_TABLED) this.#fillTable(queue);
  }

  step(state: number, unit: number): number {
    const at = state * ASCII + unit;
    if (unit < ASCII && at < this.#table.length) return this.#table[at] ?? 0;
    let from = state;
    for (;;) {
      const next = this.#next[from]?.get(unit);
      if (next !== undefined) return next;
      if (from === 0) return 0;
      from = this.#suffix[from] ?? 0;
    }
  }

  /** How many of the last units may be the beginning of a word. */
  depth(state: number): number {
    return this.#depth[state] ?? 0;
  }

  /** The length of the longest word that ends here; 0 for none. */
  longest(state: number): number {
    return this.#longest[state] ?? 0;
  }

  /** Without the words that end here and are the beginning of no longer one. */
  unfinished(state: number): number {
    let from = state;
    while (from !== 0 && this.#next[from]?.size === 0) from = this.#suffix[from] ?? 0;
    return from;
  }

  #add(word: string): void {
    let state = 0;
    for (let i = 0; i < word.length; i++) {
      const unit = word.charCodeAt(i);
      let next = this.#next[state]?.get(unit);
      if (next === undefined) {
        next = this.#next.push(new Map()) - 1;
        this.#suffix.push(0);
        this.#depth.push(i + 1);
        this.#longest.push(0);
        this.#next[state]?.set(unit, next);
      }
      state = next;
    }
    this.#longest[state] = word.length;
    this.deepest = Math.max(this.deepest, word.length);
  }

  /** Breadth first, so that the suffixes of a state, which are shorter, are linked before it. */
  #linkSuffixes(): number[] {
    const queue = [...(this.#next[0]?.values() ?? [])];
    for (let i = 0; i < queue.length; i++) {
      const state = queue[i] ?? 0;
      for (const [unit, child] of this.#next[state] ?? []) {
        const suffix = this.step(this.#suffix[state] ?? 0, unit);
        this.#suffix[child] = suffix;
        this.#longest[child] = Math.max(this.longest(child), this.longest(suffix));
        queue.push(child);
      }
    }
    return queue;
  }

  /** @param states those beside the start, each behind its suffix. */
  #fillTable(states: readonly number[]): void {
    const table = new Int32Array((states.length + 1) * ASCII);
    for (const state of [0, ...states]) {
      const suffix = (this.#suffix[state] ?? 0) * ASCII;
      table.copyWithin(state * ASCII, suffix, suffix + ASCII);
      for (const [unit, next] of this.#next[state] ?? [])
        if (unit < ASCII) table[state * ASCII + unit] = next;
    }
    this.#table = table;
  }
}
