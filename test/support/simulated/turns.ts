/**
 * Who is next. Half of the seeds draw anew at every step; the others let one process run on while the rest stands still, for a
 * while: that is how races are found which need one to be slow while others do much (Burckhardt et al. 2010, "A
 * Randomized Scheduler with Probabilistic Guarantees of Finding Bugs"). Of seed 0: whoever has waited longest.
 */
import type { Chance } from './chance.ts';
import type { SimulatedProcess, Waiting } from './process.ts';

/** Steps between changes of mind, on average. */
const STRETCH = 15;

export class Turns {
  readonly #chance: Chance;
  readonly #isFair: boolean;
  readonly #ranks = new Map<SimulatedProcess, number>();

  constructor(chance: Chance) {
    this.#chance = chance;
    this.#isFair = chance.next() % 2 === 0;
  }

  /** Takes one out of the queue; undefined when there is none. */
  take(queue: Waiting[]): Waiting | undefined {
    const drawn = this.#chance.next();
    if (this.#isFair) return queue.splice(drawn % Math.max(1, queue.length), 1)[0];
    if (drawn % STRETCH === 0) this.#ranks.clear();
    const rank = ({ process }: Waiting): number => {
      const known = this.#ranks.get(process) ?? this.#chance.next();
      this.#ranks.set(process, known);
      return known;
    };
    const first = queue.toSorted((a, b) => rank(a) - rank(b))[0];
    if (first) queue.splice(queue.indexOf(first), 1);
    return first;
  }
}
