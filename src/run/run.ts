/**
 * A run: cells out, results in. It owns no terminal, no signals and no exit: it tells what happens by events, stops when
 * its signal aborts, and resolves with a result whatever the guests do.
 */
import { join } from 'node:path';
import type { Cell } from '../../matrix/model.ts';
import { linkSignal } from '../host/deadline.ts';
import { toVmtestError, VmtestError } from '../host/errors.ts';
import type { Host } from '../host/host.ts';
import { freeResources } from '../host/resources.ts';
import { cellFiles } from '../results/cell-files.ts';
import { type Unstarted, unstartedCell } from '../results/cell-result.ts';
import type { RunEvent } from '../results/events.ts';
import type { CellFiles, CellInfo, CellResult, RunInfo, RunResult } from '../results/model.ts';
import { createRedactor, type Redactor, redactValue } from '../results/redact.ts';
import { finishRun } from '../results/summary.ts';
import { Admission, type Budget, budgetOf } from './admission.ts';
import type { KeepPolicy } from './cell-life.ts';
import { errorInfo } from './error-info.ts';
import { readPast, recentRuns, saveHistory } from './history.ts';
import { createHostKeyPins, type HostKeyPins } from './host-keys.ts';
import { loggingHost } from './logging-host.ts';
import { claimOutputFolder } from './output-folder.ts';
import type { History, Past } from './past.ts';
import type { Plan } from './plan.ts';
import type { PlannedTarget } from './plan-target.ts';
import { prepareTarget } from './prepare-target.ts';
import { chance } from './random.ts';
import { runCell } from './run-cell.ts';
import { newRunInfo } from './run-info.ts';
import { type Job, type Lane, Scheduler } from './scheduler.ts';
import { type Swept, sweep } from './sweep.ts';
import { withRecentTests } from './test-history.ts';
import { cannotRun, hostTooSmall } from './unrunnable.ts';
import { Uploads } from './uploads.ts';

export interface RunOptions {
  /** Absolute folder for everything that the run writes. */
  output: string;
  /** At most so many cells at once. Default: the file's `limits.jobs`. */
  jobs?: number;
  /** Further tries after a failed test. Default: the file's `retries.test`. */
  retries?: number;
  /** Default: the file's `fail-fast`. */
  failFast?: boolean;
  /** Run each cell so many times. Default: 1. */
  repeat?: number;
  /** Orders the cells by chance. Default: the longest expected first, and a new seed for ties. */
  seed?: string;
  /** Leave machines running for a person to look at. Default: never. */
  keep?: KeepPolicy;
  /** For reports only: `1/3`. */
  shard?: string;
  /** For reports only: the matrix file as a person named it. */
  matrix?: string;
  /**
   * Aborting winds the run down: running cells are cancelled, their machines released, the result written. It counts as
   * interrupted (exit code 130), unless the reason is that time is over, as that of `AbortSignal.timeout`.
   */
  signal?: AbortSignal;
  onEvent?: (event: RunEvent) => void;
}

/**
 * Runs a plan's cells.
 * @throws VmtestError only before anything has started: an output folder that cannot be used.
 */
export async function run(host: Host, plan: Plan, options: RunOptions): Promise<RunResult> {
  const unlock = await claimOutputFolder(options.output, host.locks);
  try {
    return await new Run(host, plan, options).toResult();
  } finally {
    // When this process ends, the lock is free anyhow.
    await unlock().catch((error: Error) => host.log(`the output folder stays locked: ${error.message}`));
  }
}

class Run {
  readonly #host: Host;
  readonly #plan: Plan;
  readonly #options: RunOptions;
  readonly #info: RunInfo;
  readonly #cells: Cell[];
  readonly #results = new Map<string, CellResult>();
  /** Targets whose clean state could not be made, with why, and what there is to see of it. */
  readonly #unprepared = new Map<string, { error: VmtestError; files: CellFiles }>();
  /** Targets whose clean state was made, with the milliseconds it took. */
  readonly #prepared: Record<string, number> = {};
  readonly #link: ReturnType<typeof linkSignal>;
  readonly #uploads: Uploads;
  readonly #budget: Budget;
  readonly #redactor: Redactor;
  readonly #pins: HostKeyPins;
  /** Targets whose cells ended before anything started. */
  readonly #refused = new Set<string>();
  readonly #began = performance.now();
  #past: History = {};

  constructor(host: Host, plan: Plan, options: RunOptions) {
    this.#host = host;
    this.#plan = plan;
    this.#options = options;
    this.#info = newRunInfo(options);
    this.#cells = repeated(plan.cells, options.repeat ?? 1);
    this.#link = linkSignal(options.signal ?? new AbortController().signal);
    this.#uploads = new Uploads(host, this.#info.id, options.output);
    this.#redactor = createRedactor(plan.matrix.secrets);
    this.#pins = createHostKeyPins(host);
    this.#budget = budgetOf(plan.matrix.limits, options.jobs, freeResources());
  }

  async toResult(): Promise<RunResult> {
    const past = await readPast(this.#host, this.#plan.matrix.file);
    this.#past = past.cells;
    this.#emit({
      type: 'run:start',
      run: this.#info,
      cells: this.#cells.map((cell) => this.#infoOf(cell)),
      output: this.#options.output,
      expected: expectedTimes(this.#cells, past.cells),
    });
    try {
      await this.#sweepLeftovers();
      this.#tellTargets();
      await this.#runCells(past);
    } finally {
      this.#link.unlink();
      await this.#endUploads();
    }
    return this.#finish();
  }

  async #sweepLeftovers(): Promise<void> {
    const { signal } = this.#link;
    const onSwept = ({ record, actions, error }: Swept) => {
      const what = error === undefined ? `took away ${actions.join(', ')}` : `could not be swept: ${error}`;
      this.#emit({ type: 'target:note', target: record.target, message: `left by a dead run: ${what}` });
    };
    try {
      const { unreadable } = await sweep(this.#host, { kept: false, dryRun: false, signal, onSwept });
      for (const trouble of unreadable) this.#host.warn(trouble);
    } catch (error) {
      if (signal.aborted) return;
      // Another one sweeps, and hangs in it: no reason not to run.
      if (!(error instanceof VmtestError) || error.code !== 'TIMEOUT') throw error;
      this.#host.warn(error.message);
    }
  }

  /** Its folder stays leased when that fails, and the next run takes it away; the results are worth more. */
  async #endUploads(): Promise<void> {
    await this.#uploads.end().catch((error: Error) => {
      this.#host.warn(`packed uploads were left behind, \`vmtest clean\` tries again: ${error.message}`);
    });
  }

  #tellTargets(): void {
    for (const { target, notes } of this.#plan.targets.values()) {
      for (const message of notes) this.#emit({ type: 'target:note', target: target.name, message });
    }
    for (const { target, problems } of this.#plan.broken.values()) {
      for (const { message } of problems) this.#emit({ type: 'target:note', target: target.name, message });
    }
  }

  async #runCells(past: Past): Promise<void> {
    const admission = new Admission(this.#budget);
    const lanes = this.#lanes(past, admission);
    const scheduler = new Scheduler(lanes, admission, () => this.#link.signal.aborted);
    const wake = () => {
      this.#tellCancel();
      scheduler.pump();
    };
    this.#link.signal.addEventListener('abort', wake, { once: true });
    if (this.#link.signal.aborted) wake();
    await scheduler.done;
    this.#link.signal.removeEventListener('abort', wake);
  }

  #tellCancel(): void {
    const grace = this.#cells.map(
      ({ target, timeouts }) => timeouts.release * (this.#plan.targets.get(target)?.check.slowdown ?? 0),
    );
    this.#emit({
      type: 'run:cancel',
      reason: reasonText(this.#link.signal.reason),
      interrupted: isInterrupted(this.#options.signal),
      grace: grace.reduce((longest, ms) => Math.max(longest, ms), 0),
    });
  }

  /** One lane a target. Cells of targets that cannot run here are ended at once. */
  #lanes(past: Past, admission: Admission): Lane[] {
    const lanes = new Map<string, Lane>();
    for (const cell of this.#cells) {
      const planned = this.#plan.targets.get(cell.target);
      if (planned) this.#laneOf(planned, lanes, past).jobs.push(this.#job(cell, planned, past.cells));
    }
    for (const { target, problems } of this.#plan.broken.values()) {
      this.#endAll(target.name, cannotRun(problems));
    }
    for (const [target, lane] of lanes) {
      if (!admission.everFits(lane.demand)) this.#endAll(target, hostTooSmall(lane.demand, this.#budget));
    }
    return [...lanes].filter(([target]) => !this.#refused.has(target)).map(([, lane]) => lane);
  }

  #laneOf(planned: PlannedTarget, lanes: Map<string, Lane>, { prepared }: Past): Lane {
    const { target, driver, check } = planned;
    let lane = lanes.get(target.name);
    if (!lane) {
      lane = {
        demand: {
          ...check.demand,
          engine: driver.engine,
          exclusive: check.exclusive,
          ...(target.jobs === undefined ? {} : { group: { name: target.name, limit: target.jobs } }),
        },
        ...(check.needsPrepare ? { prepare: () => this.#prepare(planned, prepared[target.name]) } : {}),
        jobs: [],
      };
      lanes.set(target.name, lane);
    }
    return lane;
  }

  async #prepare(planned: PlannedTarget, expected: number | undefined): Promise<void> {
    if (this.#link.signal.aborted) return;
    const cell = this.#cells.find(({ target }) => target === planned.target.name) as Cell;
    const started = performance.now();
    // Where a person looks first; the other cells of the target lead there too.
    const logs = this.#folderOf(cell);
    const error = await prepareTarget(planned, {
      ...(expected === undefined ? {} : { expected }),
      host: loggingHost(this.#host, this.#redactor, planned.target),
      runId: this.#info.id,
      pins: this.#pins,
      timeouts: cell.timeouts,
      retries: this.#plan.matrix.retries.error,
      logs,
      emit: (event) => this.#emit(redactValue(event, this.#redactor)),
      signal: this.#link.signal,
    });
    if (error) {
      const files = await cellFiles(logs, `cells/${cell.slug}`);
      this.#unprepared.set(planned.target.name, { error, files });
    } else this.#prepared[planned.target.name] = Math.round(performance.now() - started);
  }

  #job(cell: Cell, planned: PlannedTarget, history: History): Job {
    const queued = performance.now();
    // Who gives a seed wants that order again, whatever was learnt since.
    const expected = this.#options.seed === undefined ? (history[cell.id]?.duration ?? UNKNOWN_DURATION) : 0;
    return {
      // Chance breaks ties only: durations are whole milliseconds.
      weight: expected + chance(this.#info.seed, cell.id),
      run: async () => this.#end(cell, await this.#runOrError(cell, planned, queued)),
    };
  }

  /** A cell whose files cannot be moved or listed any more still has an end, and the others go on. */
  async #runOrError(cell: Cell, planned: PlannedTarget, queued: number): Promise<CellResult> {
    try {
      return await this.#runOne(cell, planned, queued);
    } catch (thrown) {
      const error = errorInfo(toVmtestError(thrown));
      return this.#unstarted(cell, { outcome: 'error', phase: 'release', error });
    }
  }

  async #runOne(cell: Cell, planned: PlannedTarget, queued: number): Promise<CellResult> {
    const info = this.#infoOf(cell);
    const { signal } = this.#link;
    if (signal.aborted) {
      return this.#unstarted(cell, { outcome: 'cancelled', reason: reasonText(signal.reason) });
    }
    const unprepared = this.#unprepared.get(cell.target);
    if (unprepared) {
      const error = errorInfo(unprepared.error);
      return this.#unstarted(cell, { outcome: 'error', phase: 'restore', error }, unprepared.files);
    }
    const { matrix } = this.#plan;
    return runCell({
      host: this.#host,
      runId: this.#info.id,
      planned,
      cell,
      info,
      folder: this.#folderOf(cell),
      uploads: this.#uploads,
      pins: this.#pins,
      keep: this.#options.keep ?? 'never',
      queued,
      retries: { test: this.#options.retries ?? matrix.retries.test, error: matrix.retries.error },
      redactor: this.#redactor,
      emit: (event) => this.#emit(event),
      signal,
    });
  }

  #end(cell: Cell, ended: CellResult): void {
    const past = this.#past[cell.id];
    const recent = recentRuns(past);
    const result = { ...withRecentTests(ended, past?.tests), ...(recent ? { recent } : {}) };
    this.#results.set(cell.id, result);
    this.#emit({ type: 'cell:end', cell: this.#infoOf(cell), result });
    const failed = result.outcome === 'failed' || result.outcome === 'error';
    const failFast = this.#options.failFast ?? this.#plan.matrix.failFast;
    if (failed && failFast && !cell.continueOnError) {
      this.#link.abort(new VmtestError('FAIL_FAST', `fail-fast: ${cell.id} ${result.outcome}`));
    }
  }

  #endAll(target: string, error: VmtestError): void {
    this.#refused.add(target);
    for (const cell of this.#cells) {
      if (cell.target === target) {
        this.#end(cell, this.#unstarted(cell, { outcome: 'error', phase: 'queue', error: errorInfo(error) }));
      }
    }
  }

  async #finish(): Promise<RunResult> {
    const cells = this.#cells.map((cell) => this.#results.get(cell.id) as CellResult);
    await saveHistory(this.#host, this.#plan.matrix.file, cells, this.#prepared).catch((error: Error) =>
      this.#host.warn(`what this run saw was not kept for the next one: ${error.message}`),
    );
    const result = finishRun(this.#info, cells, {
      finished: this.#timeNow(),
      interrupted: isInterrupted(this.#options.signal),
    });
    this.#emit({ type: 'run:end', result });
    return result;
  }

  /** Counted from the start, so that no duration is negative when somebody sets the clock meanwhile. */
  #timeNow(): string {
    return new Date(Date.parse(this.#info.started) + performance.now() - this.#began).toISOString();
  }

  #unstarted(cell: Cell, why: Unstarted, files: CellFiles = {}): CellResult {
    const frame = { cell: this.#infoOf(cell), allowedToFail: cell.continueOnError, files };
    return redactValue(unstartedCell(frame, why), this.#redactor);
  }

  #folderOf({ slug }: Cell): string {
    return join(this.#options.output, 'cells', slug);
  }

  #infoOf(cell: Cell): CellInfo {
    const planned = this.#plan.targets.get(cell.target);
    const target = this.#plan.matrix.targets[cell.target];
    return {
      id: cell.id,
      slug: cell.slug,
      index: cell.index,
      target: cell.target,
      values: cell.values,
      engine: planned?.driver.engine ?? this.#plan.broken.get(cell.target)?.engine ?? 'none',
      ...(planned?.probe.version === undefined ? {} : { engineVersion: planned.probe.version }),
      ...(planned?.passedOver.length ? { passedOver: planned.passedOver } : {}),
      snapshot: target?.snapshot ?? '',
    };
  }

  #emit(event: RunEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Cells that nobody has timed yet go first: the longest might be among them. */
const UNKNOWN_DURATION = Number.MAX_SAFE_INTEGER / 2 ** 11;

/** `--repeat`: copies that are cells of their own, told apart by `#2`, `#3`, … */
function repeated(cells: readonly Cell[], times: number): Cell[] {
  if (times <= 1) return [...cells];
  return cells.flatMap((cell) =>
    Array.from({ length: times }, (_, copy) =>
      copy === 0 ? cell : { ...cell, id: `${cell.id}#${copy + 1}`, slug: `${cell.slug}_${copy + 1}` },
    ),
  );
}

function expectedTimes(cells: readonly Cell[], history: History): Record<string, number> {
  const times = cells.map(({ id }) => [id, history[id]?.duration] as const);
  return Object.fromEntries(times.filter((entry): entry is [string, number] => entry[1] !== undefined));
}

/** By a person or the system, and not by a limit of time, which somebody had set beforehand. */
function isInterrupted(signal: AbortSignal | undefined): boolean {
  if (!signal?.aborted) return false;
  const { name, code } = Object(signal.reason) as { name?: unknown; code?: unknown };
  return name !== 'TimeoutError' && code !== 'TIMEOUT';
}

function reasonText(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
