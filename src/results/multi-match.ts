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

  constructor(words: Iterable<string>) {
    for (const word of words) this.#add(word);
    this.#linkSuffixes();
  }

  step(state: number, unit: number): number {
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
  }

  /** Breadth first, so that the suffixes of a state, which are shorter, are linked before it. */
  #linkSuffixes(): void {
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
  }
}
