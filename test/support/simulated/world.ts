/**
 * A host with an engine in memory, on which simulated processes run vmtest: whole runs with the real scheduler, leases and
 * locks on a real folder, and `clean`. After each step of any of them it is seen to that nothing is lost and nothing taken.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { createHost } from '../../../src/host/create-host.ts';
import type { Host } from '../../../src/host/host.ts';
import type { RunEvent } from '../../../src/results/events.ts';
import type { RunResult } from '../../../src/results/model.ts';
import { run } from '../../../src/run/run.ts';
import { type SweepReport, sweep } from '../../../src/run/sweep.ts';
import { MemoryEngine } from '../vm-control.ts';
import { Chance } from './chance.ts';
import { disk } from './disk.ts';
import { Guard } from './guard.ts';
import { SimulatedProcess, type Waiting } from './process.ts';
import { register } from './process-identity.ts';
import { attemptName, bringDriver, planOf, type RunRequest } from './run-in-memory.ts';
import { Turns } from './turns.ts';

/** What befalls a process, or the host, between two steps. */
export interface Incident {
  /** Steps after the one before. */
  after: number;
  what: 'kill' | 'cancel' | 'run' | 'clean' | 'clock' | 'disk';
  /** Which of those there are. */
  which: number;
}

export interface Story {
  runs: RunRequest[];
  incidents: Incident[];
  /** Draws who is next. 0: whoever has waited longest. */
  seed: number;
  /** How many in a hundred of an engine's commands fail. */
  trouble: number;
  /** Whether deadlines may strike while somebody could still act. */
  slow: boolean;
}

export interface Actor {
  process: SimulatedProcess;
  abort: AbortController;
  request: RunRequest | undefined;
  events: RunEvent[];
  result: RunResult | undefined;
  swept: SweepReport | undefined;
}

/** Where Linux keeps files in memory: these tests make and remove them by the million. */
const MEMORY = '/dev/shm';
/** Of gates and timers, far more than a story of this size takes. */
const MOST_STEPS = 60_000;
/** One in so many steps it is time that goes on, though somebody could act. */
const TIME_EVERY = 40;

/** Steps that a failure shows. */
const TAIL = Number(process.env['VMTEST_FAULT_TAIL'] ?? 60);

/** What a process cannot have changed anything by. */
const LOOKS = /^(?:access|find|list|lstat|readdir|readFile|readlink|realpath|session|stat|state) /;

const turn = setImmediate;

export class World {
  readonly engine = new MemoryEngine();
  readonly folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'vmtest-world-'));
  readonly actors: Actor[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #story: Story;
  readonly #chance: Chance;
  readonly #turns: Turns;
  readonly #guard: Guard;
  readonly #told: string[] = [];
  #steps = 0;
  #hasChanged = true;

  constructor(story: Story) {
    this.#story = story;
    disk.isFull = false;
    this.#chance = new Chance(story.seed);
    this.#turns = new Turns(this.#chance);
    this.engine.add('debian');
    this.engine.add('windows');
    this.#guard = new Guard(this.engine, this.state, () => this.actors.map(({ process }) => process));
    this.engine.onCall = (call, context) => this.#guard.call(call, context, () => this.#trouble());
  }

  get state(): string {
    return join(this.folder, 'state');
  }

  /** Tells the story, then lets everybody come to an end. Throws at the first step that breaks a promise. */
  async play(): Promise<void> {
    for (const request of this.#story.runs) this.startRun(request);
    const incidents = [...this.#story.incidents];
    let next = incidents.shift();
    let since = 0;
    for (;;) {
      await this.#settle();
      if (this.#hasChanged) this.#guard.check();
      while (next && since >= next.after) {
        this.#happen(next);
        since = 0;
        next = incidents.shift();
        await this.#settle();
      }
      if (this.actors.every(({ process }) => !process.isAlive)) return;
      this.#step();
      since += 1;
    }
  }

  /** Nobody is left but a new process, which sweeps. */
  async sweepAll(): Promise<SweepReport> {
    Object.assign(this.#story, { trouble: 0, slow: false });
    disk.isFull = false;
    const actor = this.startClean();
    while (actor.process.isAlive) {
      await this.#settle();
      if (this.#hasChanged) this.#guard.check();
      if (actor.process.isAlive) this.#step();
    }
    if (!actor.swept) throw new Error('the sweep failed', { cause: actor.process.failure });
    return actor.swept;
  }

  startRun(request: RunRequest): Actor {
    return this.#start(request, async (host, actor) => {
      const plan = await planOf(request, host, this.#guard);
      actor.result = await run(host, plan, {
        output: join(this.folder, `out-${actor.process.name}`),
        seed: 'the same',
        jobs: request.jobs,
        failFast: request.failFast,
        signal: actor.abort.signal,
        onEvent: (event) => {
          actor.events.push(event);
          if (event.type === 'cell:attempt' && event.result.notes.some(isLeak))
            this.#guard.closes(attemptName(event.cell.id, event.result.number));
        },
      });
    });
  }

  startClean(): Actor {
    return this.#start(undefined, async (host, actor) => {
      actor.swept = await sweep(host, { kept: true, dryRun: false, signal: actor.abort.signal });
    });
  }

  leasesOf(process: SimulatedProcess): string[] {
    return this.#guard.leasesOf(process);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #start(request: RunRequest | undefined, main: (host: Host, actor: Actor) => Promise<void>): Actor {
    const number = this.actors.length + 1;
    const process = new SimulatedProcess(
      `${request ? 'run' : 'clean'}-${number}`,
      { pid: 1000 + number, start: String(number), boot: 'here|boot|1' },
      this.#waiting,
    );
    register(process);
    const actor: Actor = {
      process,
      abort: new AbortController(),
      request,
      events: [],
      result: undefined,
      swept: undefined,
    };
    this.actors.push(actor);
    mkdirSync(this.state, { recursive: true });
    const paths = { state: this.state, cache: join(this.folder, 'cache') };
    process.start(async () => {
      bringDriver(this.engine, this.#guard);
      await main(createHost({ paths }), actor);
    });
    return actor;
  }

  #happen({ what, which }: Incident): void {
    this.#say(`-- ${what} ${which}`);
    const living = this.actors.filter(({ process }) => process.isAlive);
    const actor = living[which % Math.max(1, living.length)];
    if (what === 'kill' && actor) {
      actor.process.kill();
      this.#guard.died(actor.process);
    }
    if (what === 'cancel') actor?.abort.abort(new Error('cancelled by the story'));
    if (what === 'run') this.startRun(this.#story.runs[which % this.#story.runs.length] as RunRequest);
    if (what === 'clean') this.startClean();
    if (what === 'disk') disk.isFull = !disk.isFull;
    if (what === 'clock') vi.setSystemTime(Date.now() + (which % 2 === 0 ? -1 : 1) * which * 3_600_000);
  }

  /** Whoever is drawn passes his gate; or time goes on. */
  #step(): void {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new Error(`no end after ${this.#steps} steps: ${this.#who()}`);
    const drawn = this.#chance.next();
    const isSlow = this.#story.slow && drawn > 0 && drawn % TIME_EVERY === 0;
    const timePasses = this.#waiting.length === 0 || isSlow;
    if (timePasses && vi.getTimerCount() > 0) {
      this.#say('time goes on');
      vi.advanceTimersToNextTimer();
      return;
    }
    const waiting = this.#turns.take(this.#waiting);
    if (!waiting) throw new Error(`everybody waits for ever: ${this.#who()}`);
    this.#say(`${waiting.process.name}: ${waiting.what.replaceAll(this.folder, '')}`);
    this.#hasChanged = !LOOKS.test(waiting.what);
    waiting.go();
  }

  #say(what: string): void {
    this.#told.push(what);
  }

  /** What happened last, for whoever looks for the cause of a failure. */
  tail(): string {
    return this.#told.slice(-TAIL).join('\n');
  }

  #trouble(): boolean {
    return this.#chance.next() % 100 < this.#story.trouble;
  }

  #who(): string {
    return this.actors
      .filter(({ process }) => process.isAlive)
      .map(({ process, events }) => `${process.name} after ${JSON.stringify(events.at(-1) ?? 'nothing')}`)
      .join('; ');
  }

  /** Until nobody can do anything without passing a gate. */
  async #settle(): Promise<void> {
    for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => turn(resolve));
  }
}

/** As `CellLife` tells a person of a machine that it could not take away. */
function isLeak(note: string): boolean {
  return note.endsWith('`vmtest clean` tries again');
}
