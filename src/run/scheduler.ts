/**
 * Starts jobs as soon as the budget allows, longest expected first. Jobs wait in one queue a lane (a target), since all
 * jobs of a lane want the same; a decision looks at the head of each lane, so its cost does not grow with the jobs.
 */
import type { Admission, Demand } from './admission.ts';

export interface Job {
  /** Greater goes first: milliseconds that it is expected to take. */
  weight: number;
  /** Does the work. Never rejects. */
  run(): Promise<void>;
}

export interface Lane {
  demand: Demand;
  /** Work to be done once, under the lane's demand, before its first job. Its jobs wait for it. Never rejects. */
  prepare?: () => Promise<void>;
  jobs: Job[];
}

/** So often may smaller jobs overtake one that waits for resources; then they wait until it fits. */
const OVERTAKES = 16;

interface LaneState {
  demand: Demand;
  /** Lightest first: the next job is popped off the end. */
  waiting: Job[];
  gate: 'closed' | 'opening' | 'open';
  prepare: (() => Promise<void>) | undefined;
  overtaken: number;
}

/**
 * Runs all jobs of all lanes, each exactly once. When `stopped` answers true, jobs that wait are still run, but outside
 * the budget: they are expected to end at once (as cancelled).
 */
export class Scheduler {
  readonly #lanes: LaneState[];
  readonly #admission: Admission;
  readonly #stopped: () => boolean;
  #running = 0;
  #finish: (() => void) | undefined;
  /** Resolves when every job has run. */
  readonly done: Promise<void>;

  constructor(lanes: readonly Lane[], admission: Admission, stopped: () => boolean) {
    this.#lanes = lanes
      .filter((lane) => lane.jobs.length > 0)
      .map((lane) => ({
        demand: lane.demand,
        waiting: lane.jobs.toSorted((a, b) => a.weight - b.weight),
        gate: lane.prepare ? 'closed' : 'open',
        prepare: lane.prepare,
        overtaken: 0,
      }));
    this.#admission = admission;
    this.#stopped = stopped;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.pump();
  }

  /** Starts whatever may start. Called after every change; also by the run when it has been stopped. */
  pump(): void {
    if (this.#stopped()) this.#drain();
    for (let lane = this.#next(); lane; lane = this.#next()) this.#start(lane);
    if (this.#running === 0 && this.#lanes.every((lane) => lane.waiting.length === 0)) this.#finish?.();
  }

  /** The lane with the heaviest head among those that may start; undefined when none may. */
  #next(): LaneState | undefined {
    const candidates = this.#lanes.filter((lane) => lane.waiting.length > 0 && lane.gate !== 'opening');
    candidates.sort((a, b) => head(b).weight - head(a).weight);
    const refused: LaneState[] = [];
    for (const lane of candidates) {
      const refusal = this.#admission.refusal(lane.demand);
      if (refusal === undefined) {
        for (const other of refused) other.overtaken += 1;
        lane.overtaken = 0;
        return lane;
      }
      if (refusal !== 'resources') continue;
      if (lane.overtaken >= OVERTAKES) return undefined;
      refused.push(lane);
    }
    return undefined;
  }

  #start(lane: LaneState): void {
    const giveBack = this.#admission.admit(lane.demand);
    if (lane.gate === 'closed') {
      lane.gate = 'opening';
      this.#track(lane.prepare?.(), () => {
        lane.gate = 'open';
        giveBack();
      });
    } else {
      this.#track(lane.waiting.pop()?.run(), giveBack);
    }
  }

  /** After a stop there is nothing to wait for: every job left ends at once. */
  #drain(): void {
    for (const lane of this.#lanes) {
      for (let job = lane.waiting.pop(); job; job = lane.waiting.pop()) this.#track(job.run(), () => {});
    }
  }

  #track(work: Promise<void> | undefined, after: () => void): void {
    this.#running += 1;
    void (work ?? Promise.resolve()).finally(() => {
      this.#running -= 1;
      after();
      this.pump();
    });
  }
}

function head(lane: LaneState): Job {
  return lane.waiting[lane.waiting.length - 1] as Job;
}
