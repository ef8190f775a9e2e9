/** Where every cell of the run is now: events in, state out. Draws nothing. */
import type { Bytes, RunEvent, RunEventOf } from '../../src/results/events.ts';
import type { CellInfo, CellResult, Outcome, Phase } from '../../src/results/model.ts';
import { activeTime } from '../text/words.ts';
import { Tails } from './tails.ts';

export interface RunningCell {
  info: CellInfo;
  attempt: number;
  phase: Phase;
  /** When its first attempt started; times are those of the caller's clock, in milliseconds. */
  since: number;
  /** Of the present phase, when it is counted. */
  bytes?: Bytes;
}

export interface Preparation {
  target: string;
  message: string;
  since: number;
  bytes?: Bytes;
  /** Milliseconds that it took in an earlier run. */
  expected?: number;
}

export interface Cancellation {
  reason: string;
  interrupted: boolean;
  grace: number;
  since: number;
}

export class Board {
  matrix: string | undefined;
  started = 0;
  total = 0;
  /** In the order in which they began: the one that has been at it longest is first. */
  readonly running = new Map<string, RunningCell>();
  readonly waiting = new Map<string, CellInfo>();
  readonly preparing = new Map<string, Preparation>();
  readonly counts: Record<Outcome, number> = {
    passed: 0,
    failed: 0,
    error: 0,
    flaky: 0,
    skipped: 0,
    cancelled: 0,
  };
  readonly tails = new Tails();
  cancel: Cancellation | undefined;
  /** The most cells that were ever at work at once. */
  lanes = 0;
  #expected: Readonly<Record<string, number>> = {};
  /** Of the waiting cells: milliseconds expected of those that are known, and how many are not. */
  #waitingKnown = 0;
  #waitingUnknown = 0;
  #timed = { count: 0, ms: 0 };

  get ended(): number {
    return this.total - this.waiting.size - this.running.size;
  }

  /** @param now milliseconds of any clock that does not go back. */
  take(event: RunEvent, now: number): void {
    switch (event.type) {
      case 'run:start':
        this.#start(event, now);
        break;
      case 'target:prepare':
        this.#prepare(event, now);
        break;
      case 'cell:start':
        this.#begin(event, now);
        break;
      case 'cell:phase':
        this.#phase(event);
        break;
      case 'cell:progress':
        this.#progress(event);
        break;
      case 'cell:output':
        this.tails.add(event.cell.id, event.text);
        break;
      case 'cell:end':
        this.#end(event.result);
        break;
      case 'run:cancel':
        this.cancel = { ...event, since: now };
        break;
      default:
        break;
    }
  }

  /** Milliseconds that a cell is expected to take, when earlier runs tell. */
  expected(id: string): number | undefined {
    return Object.hasOwn(this.#expected, id) ? this.#expected[id] : undefined;
  }

  /** Milliseconds until the run ends, if the rest goes as expected; undefined as long as nobody can say. */
  remaining(now: number): number | undefined {
    const mean = this.#timed.count > 0 ? this.#timed.ms / this.#timed.count : undefined;
    if (this.#waitingUnknown > 0 && mean === undefined) return undefined;
    let longest = 0;
    let sum = this.#waitingKnown + this.#waitingUnknown * (mean ?? 0);
    for (const { info, since } of this.running.values()) {
      const expected = this.expected(info.id) ?? mean;
      if (expected === undefined) return undefined;
      const left = Math.max(0, expected - (now - since));
      longest = Math.max(longest, left);
      sum += left;
    }
    return Math.max(longest, sum / Math.max(1, this.lanes));
  }

  #start({ run, cells, expected }: RunEventOf<'run:start'>, now: number): void {
    this.matrix = run.matrix;
    this.started = now;
    this.total = cells.length;
    this.#expected = expected;
    for (const cell of cells) this.waiting.set(cell.id, cell);
    const known = cells.flatMap(({ id }) => this.expected(id) ?? []);
    this.#waitingKnown = known.reduce((sum, ms) => sum + ms, 0);
    this.#waitingUnknown = cells.length - known.length;
  }

  #prepare(event: RunEventOf<'target:prepare'>, now: number): void {
    const { target, state, message, bytes } = event;
    if (state === 'done' || state === 'failed') {
      this.preparing.delete(target);
      return;
    }
    const { since = now, expected = event.expected } = this.preparing.get(target) ?? {};
    this.preparing.set(target, {
      target,
      message,
      since,
      ...(bytes ? { bytes } : {}),
      ...(expected === undefined ? {} : { expected }),
    });
  }

  #begin({ cell, attempt }: RunEventOf<'cell:start'>, now: number): void {
    this.#unwait(cell.id);
    // What is expected of a cell is for all its attempts.
    const since = this.running.get(cell.id)?.since ?? now;
    this.running.set(cell.id, { info: cell, attempt, phase: 'restore', since });
    this.lanes = Math.max(this.lanes, this.running.size);
    this.tails.forget(cell.id);
  }

  #phase({ cell, phase }: RunEventOf<'cell:phase'>): void {
    const running = this.running.get(cell.id);
    if (!running) return;
    running.phase = phase;
    delete running.bytes;
  }

  #progress({ cell, bytes }: RunEventOf<'cell:progress'>): void {
    const running = this.running.get(cell.id);
    if (running) running.bytes = bytes;
  }

  #end(result: CellResult): void {
    this.#unwait(result.id);
    this.running.delete(result.id);
    this.counts[result.outcome] += 1;
    if (result.outcome === 'failed' || result.outcome === 'error') this.tails.keep(result.id);
    else this.tails.forget(result.id);
    if (result.attempts.length === 0 || result.outcome === 'cancelled') return;
    this.#timed.count += 1;
    this.#timed.ms += activeTime(result);
  }

  #unwait(id: string): void {
    if (!this.waiting.delete(id)) return;
    const expected = this.expected(id);
    if (expected === undefined) this.#waitingUnknown -= 1;
    else this.#waitingKnown -= expected;
  }
}
