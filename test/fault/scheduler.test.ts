/** The scheduler under every order of ends and stops: the budget holds, each job runs once, and nobody waits for ever. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Admission, type Budget, type Demand } from '../../src/run/admission.ts';
import { type Lane, Scheduler } from '../../src/run/scheduler.ts';
import { manyRuns } from './many-runs.ts';

const budget: fc.Arbitrary<Budget> = fc.record({
  jobs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 5 })),
  cpus: fc.integer({ min: 1, max: 8 }),
  memory: fc.integer({ min: 1, max: 64 }),
  engines: fc.dictionary(fc.constantFrom('qemu', 'fake'), fc.integer({ min: 1, max: 3 })),
});

const demand: fc.Arbitrary<Demand> = fc.record(
  {
    cpus: fc.integer({ min: 1, max: 12 }),
    memory: fc.integer({ min: 0, max: 64 }),
    engine: fc.constantFrom('qemu', 'fake', 'other'),
    exclusive: fc.constantFrom(null, null, 'vm-a', 'vm-b'),
    group: fc.record({ name: fc.constantFrom('g', 'h'), limit: fc.integer({ min: 1, max: 2 }) }),
  },
  { requiredKeys: ['cpus', 'memory', 'engine', 'exclusive'] },
);

const plan = fc.record({
  given: budget,
  lanes: fc.array(
    fc.record({
      demand,
      isPrepared: fc.boolean(),
      weights: fc.array(fc.nat({ max: 20 }), { maxLength: 8 }),
    }),
    { maxLength: 5 },
  ),
  /** After so many ends the run is stopped. */
  stopAfter: fc.option(fc.nat({ max: 30 }), { nil: undefined }),
  /** Calls of `pump` without any reason, as an abort makes them. */
  pumps: fc.nat({ max: 3 }),
});

class Ledger {
  readonly running = new Map<string, Demand>();
  readonly starts: string[] = [];
  readonly prepared = new Set<string>();
  readonly #budget: Budget;
  isStopped = false;
  ends = 0;

  constructor(given: Budget) {
    this.#budget = given;
  }

  start(name: string, wanted: Demand): void {
    this.starts.push(name);
    if (this.isStopped) return;
    this.running.set(name, wanted);
    const { jobs, cpus, memory, engines } = this.#budget;
    const all = [...this.running.values()];
    const sum = (of: (each: Demand) => number) => all.reduce((total, each) => total + of(each), 0);
    expect(all.length).toBeLessThanOrEqual(jobs);
    expect(sum((each) => Math.min(each.cpus, cpus))).toBeLessThanOrEqual(cpus);
    expect(sum((each) => each.memory)).toBeLessThanOrEqual(memory);
    expect(all.filter(({ engine }) => engine === wanted.engine).length).toBeLessThanOrEqual(
      engines[wanted.engine] ?? Number.POSITIVE_INFINITY,
    );
    expect(
      all.filter(({ exclusive }) => exclusive !== null && exclusive === wanted.exclusive).length,
    ).toBeLessThan(2);
    const { group } = wanted;
    if (group) {
      expect(all.filter((each) => each.group?.name === group.name).length).toBeLessThanOrEqual(group.limit);
    }
  }

  end(name: string): void {
    this.running.delete(name);
    this.ends += 1;
  }
}

test('holds the budget and runs each job once, whatever ends when, and whenever the run is stopped', async () => {
  await fc.assert(
    fc.asyncProperty(plan, fc.scheduler(), async ({ given, lanes, stopAfter, pumps }, order) => {
      const admission = new Admission(given);
      const ledger = new Ledger(given);
      const work = async (name: string, wanted: Demand): Promise<void> => {
        ledger.start(name, wanted);
        await order.schedule(Promise.resolve(), name);
        ledger.end(name);
        if (stopAfter !== undefined && ledger.ends > stopAfter && !ledger.isStopped) {
          ledger.isStopped = true;
          scheduler.pump();
        }
      };
      const fitting = lanes.filter((lane) => admission.everFits(lane.demand));
      const made: Lane[] = fitting.map((lane, at) => ({
        demand: lane.demand,
        ...(lane.isPrepared
          ? {
              prepare: () => work(`prepare ${at}`, lane.demand).then(() => void ledger.prepared.add(`${at}`)),
            }
          : {}),
        jobs: lane.weights.map((weight, job) => ({
          weight,
          run: () => {
            const isReady = !lane.isPrepared || ledger.prepared.has(`${at}`);
            expect(isReady || ledger.isStopped).toBe(true);
            return work(`job ${at}.${job}`, lane.demand);
          },
        })),
      }));
      const scheduler = new Scheduler(made, admission, () => ledger.isStopped);
      for (let pump = 0; pump < pumps; pump += 1)
        void order.schedule(Promise.resolve(), 'pump').then(() => scheduler.pump());
      await order.waitFor(scheduler.done);

      const jobs = fitting.flatMap((lane, at) => lane.weights.map((_weight, job) => `job ${at}.${job}`));
      expect(ledger.starts.filter((name) => name.startsWith('job')).sort()).toEqual(jobs.sort());
      const preparations = ledger.starts.filter((name) => name.startsWith('prepare'));
      expect(new Set(preparations).size).toBe(preparations.length);
      expect(admission.used).toEqual({ jobs: 0, cpus: 0, memory: 0 });
    }),
    manyRuns(500),
  );
});
