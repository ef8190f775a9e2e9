import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Admission, type Budget, type Demand } from '../../../src/run/admission.ts';
import { type Lane, Scheduler } from '../../../src/run/scheduler.ts';

const budget = fc.record({
  jobs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 6 })),
  cpus: fc.integer({ min: 1, max: 8 }),
  memory: fc.integer({ min: 1, max: 64 }),
  engines: fc.dictionary(fc.constantFrom('qemu', 'fake'), fc.integer({ min: 1, max: 3 })),
});

const demand: fc.Arbitrary<Demand> = fc.record(
  {
    cpus: fc.integer({ min: 1, max: 12 }),
    memory: fc.integer({ min: 0, max: 80 }),
    engine: fc.constantFrom('qemu', 'fake', 'other'),
    exclusive: fc.constantFrom(null, null, 'vm-a', 'vm-b'),
    group: fc.record({ name: fc.constantFrom('g', 'h'), limit: fc.integer({ min: 1, max: 2 }) }),
  },
  { requiredKeys: ['cpus', 'memory', 'engine', 'exclusive'] },
);

const lane = fc.record({
  demand,
  prepared: fc.boolean(),
  jobs: fc.array(
    fc.record({ weight: fc.integer({ min: 0, max: 50 }), ticks: fc.integer({ min: 0, max: 3 }) }),
    {
      maxLength: 12,
    },
  ),
});

/** A watcher that is told of every start and end, and knows the rules in its own, slow words. */
class Watcher {
  readonly running: Demand[] = [];
  readonly #budget: Budget;

  constructor(watched: Budget) {
    this.#budget = watched;
  }

  start(started: Demand): void {
    this.running.push(started);
    const sum = (of: (each: Demand) => number) => this.running.reduce((total, each) => total + of(each), 0);
    expect(this.running.length).toBeLessThanOrEqual(this.#budget.jobs);
    expect(sum((each) => Math.min(each.cpus, this.#budget.cpus))).toBeLessThanOrEqual(this.#budget.cpus);
    expect(sum((each) => each.memory)).toBeLessThanOrEqual(this.#budget.memory);
    for (const [engine, most] of Object.entries(this.#budget.engines)) {
      expect(this.running.filter((each) => each.engine === engine).length).toBeLessThanOrEqual(most);
    }
    const held = this.running.flatMap((each) => each.exclusive ?? []);
    expect(new Set(held).size).toBe(held.length);
    for (const each of this.running) {
      const { group } = each;
      if (group && each === started) {
        expect(this.running.filter((one) => one.group?.name === group.name).length).toBeLessThanOrEqual(
          group.limit,
        );
      }
    }
  }

  end(ended: Demand): void {
    this.running.splice(this.running.indexOf(ended), 1);
  }
}

async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('scheduler', () => {
  test('never gives out more than the budget, and runs every job once, after its preparation', async () => {
    await fc.assert(
      fc.asyncProperty(budget, fc.array(lane, { maxLength: 6 }), async (given, drafts) => {
        const admission = new Admission(given);
        const watcher = new Watcher(given);
        const runs: string[] = [];
        const prepared = new Set<number>();
        const watched = async (what: Demand, work: () => Promise<void>) => {
          watcher.start(what);
          await work();
          watcher.end(what);
        };
        const lanes: Lane[] = drafts
          .filter((draft) => admission.everFits(draft.demand))
          .map((draft, index) => ({
            demand: draft.demand,
            ...(draft.prepared
              ? {
                  prepare: () =>
                    watched(draft.demand, async () => void prepared.add(await ticks(2).then(() => index))),
                }
              : {}),
            jobs: draft.jobs.map((job, number) => ({
              weight: job.weight,
              run: () =>
                watched(draft.demand, async () => {
                  expect(prepared.has(index)).toBe(draft.prepared);
                  runs.push(`${index}/${number}`);
                  await ticks(job.ticks);
                }),
            })),
          }));
        await new Scheduler(lanes, admission, () => false).done;
        expect(runs.toSorted()).toEqual(
          lanes.flatMap((each, index) => each.jobs.map((_, number) => `${index}/${number}`)).toSorted(),
        );
        expect(admission.used).toEqual({ jobs: 0, cpus: 0, memory: 0 });
      }),
      { numRuns: 300 },
    );
  });

  test('starts the longest first, across lanes', async () => {
    const order: number[] = [];
    const laneOf = (...weights: number[]): Lane => ({
      demand: { cpus: 1, memory: 1, engine: 'fake', exclusive: null },
      jobs: weights.map((weight) => ({ weight, run: async () => void order.push(weight) })),
    });
    const admission = new Admission({ jobs: 1, cpus: 8, memory: 8, engines: {} });
    await new Scheduler([laneOf(5, 30, 1), laneOf(20, 40)], admission, () => false).done;
    expect(order).toEqual([40, 30, 20, 5, 1]);
  });

  test('does not let small jobs overtake a large one for ever', async () => {
    const order: string[] = [];
    const job = (name: string, weight: number) => ({
      weight,
      run: async () => {
        order.push(name);
        await ticks(1 + (order.length % 2));
      },
    });
    const small = { cpus: 1, memory: 1, engine: 'fake', exclusive: null };
    const lanes: Lane[] = [
      { demand: small, jobs: Array.from({ length: 100 }, () => job('small', 1)) },
      { demand: { ...small, memory: 2 }, jobs: [job('large', 0.5)] },
      { demand: { ...small, memory: 2 }, jobs: [job('first', 1000)] },
    ];
    const heavyLater = lanes.toSpliced(1, 1, { demand: { ...small, memory: 2 }, jobs: [job('large', 500)] });
    await new Scheduler(heavyLater, new Admission({ jobs: 9, cpus: 9, memory: 3, engines: {} }), () => false)
      .done;
    expect(order.indexOf('large')).toBeLessThan(40);
  });

  test('runs what waits at once when it is stopped', async () => {
    let stopped = false;
    let waiting = 0;
    const lanes: Lane[] = [
      {
        demand: { cpus: 1, memory: 1, engine: 'fake', exclusive: 'vm' },
        jobs: Array.from({ length: 50 }, () => ({
          weight: 1,
          run: async () => {
            if (stopped) waiting += 1;
            else await ticks(1);
            stopped = true;
          },
        })),
      },
    ];
    await new Scheduler(lanes, new Admission({ jobs: 1, cpus: 1, memory: 1, engines: {} }), () => stopped)
      .done;
    expect(waiting).toBe(49);
  });
});
