/**
 * Who may start now. Pure and synchronous: `admit` takes what a job needs out of the budget, the returned function
 * gives it back. At no moment is more given out than there is.
 */
import type { Limits } from '../../matrix/model.ts';
import type { Resources } from '../host/resources.ts';

export interface Budget {
  /** Jobs at once. */
  jobs: number;
  cpus: number;
  /** Bytes. */
  memory: number;
  /** Jobs at once per engine; an engine without entry is bounded by the rest alone. */
  engines: Readonly<Record<string, number>>;
}

/** The file's limits where they are given, else what the host has. */
export function budgetOf(limits: Limits, jobs: number | undefined, free: Resources): Budget {
  const wanted = jobs ?? limits.jobs;
  return {
    jobs: wanted === 'auto' ? Number.POSITIVE_INFINITY : wanted,
    cpus: limits.cpus === 'auto' ? free.cpus : limits.cpus,
    memory: limits.memory === 'auto' ? free.memory : limits.memory,
    engines: limits.engines,
  };
}

export interface Demand {
  cpus: number;
  memory: number;
  engine: string;
  /** Name of a thing that only one job may use at a time. */
  exclusive: string | null;
  /** A limit of the job's own group: name and how many at once. */
  group?: { name: string; limit: number };
}

/** Why a job has to wait: `resources` pass with time; the others wait for one particular neighbour. */
export type Refusal = 'resources' | 'engine' | 'group' | 'exclusive';

export class Admission {
  readonly #budget: Budget;
  readonly #used = { jobs: 0, cpus: 0, memory: 0 };
  readonly #engines = new Map<string, number>();
  readonly #groups = new Map<string, number>();
  readonly #held = new Set<string>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** What is given out now. */
  get used(): Readonly<{ jobs: number; cpus: number; memory: number }> {
    return this.#used;
  }

  /** Undefined when the job may start now. */
  refusal(demand: Demand): Refusal | undefined {
    const { jobs, cpus, memory, engines } = this.#budget;
    if (this.#used.jobs + 1 > jobs) return 'resources';
    if (this.#used.cpus + this.#cpus(demand) > cpus) return 'resources';
    if (this.#used.memory + demand.memory > memory) return 'resources';
    if ((this.#engines.get(demand.engine) ?? 0) + 1 > (engines[demand.engine] ?? Number.POSITIVE_INFINITY)) {
      return 'engine';
    }
    if (demand.group && (this.#groups.get(demand.group.name) ?? 0) + 1 > demand.group.limit) return 'group';
    if (demand.exclusive !== null && this.#held.has(demand.exclusive)) return 'exclusive';
    return undefined;
  }

  /** True when the job could start on an idle host. */
  everFits(demand: Demand): boolean {
    return new Admission(this.#budget).refusal(demand) === undefined;
  }

  /** Takes the demand out of the budget. Gives it back once, however often the returned function is called. */
  admit(demand: Demand): () => void {
    const refusal = this.refusal(demand);
    if (refusal) throw new RangeError(`admitted against its refusal: ${refusal}`);
    this.#add(demand, 1);
    let given = false;
    return () => {
      if (!given) this.#add(demand, -1);
      given = true;
    };
  }

  /** A machine with more CPUs than there are takes them all, and so runs alone rather than never. */
  #cpus(demand: Demand): number {
    return Math.min(demand.cpus, this.#budget.cpus);
  }

  #add(demand: Demand, sign: 1 | -1): void {
    this.#used.jobs += sign;
    this.#used.cpus += sign * this.#cpus(demand);
    this.#used.memory += sign * demand.memory;
    bump(this.#engines, demand.engine, sign);
    if (demand.group) bump(this.#groups, demand.group.name, sign);
    if (demand.exclusive !== null) {
      if (sign === 1) this.#held.add(demand.exclusive);
      else this.#held.delete(demand.exclusive);
    }
  }
}

function bump(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
