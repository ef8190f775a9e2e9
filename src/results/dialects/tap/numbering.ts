/** The numbers of the test points of one level against their plan. */
import type { PlanLine } from './tap-line.ts';

export class Numbering {
  /** Test points so far. */
  count = 0;
  #plan: PlanLine | undefined;
  /** All numbers up to here came. */
  #upTo = 0;
  /** Those that came before their turn. */
  #ahead: Set<number> | undefined;
  #highest = 0;
  #fault: string | undefined;

  get planned(): boolean {
    return this.#plan !== undefined;
  }

  /** Why nothing was to be run here (`1..0 # reason`). */
  get skipReason(): string | undefined {
    return this.#plan?.last === 0 ? this.#plan.reason : undefined;
  }

  plan(plan: PlanLine): void {
    if (this.#plan) this.#fault ??= 'there are two plans';
    else this.#plan = plan;
  }

  /** @param id The point's own number; one without takes the next. */
  point(id = this.#upTo + 1): void {
    this.count += 1;
    this.#highest = Math.max(this.#highest, id);
    if (id === this.#upTo + 1) {
      this.#upTo = id;
      while (this.#ahead?.delete(this.#upTo + 1)) this.#upTo += 1;
    } else if (id <= this.#upTo || this.#ahead?.has(id)) {
      this.#fault ??= `two tests have the number ${id}`;
    } else {
      this.#ahead ??= new Set();
      this.#ahead.add(id);
    }
  }

  /** What is wrong, undefined for nothing. Without a plan that is all there is to say. */
  fault(): string | undefined {
    if (!this.#plan) return 'the plan is missing';
    const { last } = this.#plan;
    if (this.count !== last) return `the plan says ${last} tests, but there are ${this.count}`;
    if (this.#highest > last) return `the plan says ${last} tests, but one has the number ${this.#highest}`;
    return this.#fault;
  }
}
