/** A cell from its first attempt to its result: retries, logs, files. */
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toVmtestError, type VmtestError } from '../host/errors.ts';
import type { Attempt, CellFiles, CellInfo, CellResult } from '../results/model.ts';
import { errorVerdict } from '../results/verdict.ts';
import { type AttemptContext, runAttempt } from './attempt.ts';
import { CellLog } from './cell-log.ts';
import { ARTIFACTS_FOLDER, RESULTS_FOLDER } from './collect-files.ts';

export interface CellContext extends Omit<AttemptContext, 'number' | 'log'> {
  /** Further tries after a failed test, and after an error that may pass. */
  retries: { test: number; error: number };
  secrets: readonly string[];
}

/** Never rejects. */
export async function runCell(context: CellContext): Promise<CellResult> {
  const { info, emit, retries } = context;
  const attempts: Attempt[] = [];
  const left = { ...retries };
  for (;;) {
    const number = attempts.length + 1;
    emit({ type: 'cell:start', cell: info, attempt: number });
    const queued = number === 1 ? context.queued : performance.now();
    const attempt = await attemptWithLog({ ...context, queued }, number);
    attempts.push(attempt.result);
    const willRetry = takeRetry(attempt, left) && !context.signal.aborted;
    emit({ type: 'cell:attempt', cell: info, result: attempt.result, willRetry });
    if (!willRetry) break;
    await setAside(context.folder, number);
  }
  return cellResult(context, attempts);
}

/** The result of a cell that never started. */
export function unstartedCell(
  info: CellInfo,
  allowedToFail: boolean,
  outcome: 'cancelled' | 'skipped' | 'error',
  error: VmtestError,
): CellResult {
  const verdict = errorVerdict(error);
  return {
    ...info,
    outcome,
    allowedToFail,
    ...(outcome === 'skipped' ? {} : { phase: 'queue' as const }),
    ...(verdict.error ? { error: verdict.error } : {}),
    attempts: [],
    timings: {},
    tests: verdict.tests,
    suites: verdict.suites,
    notes: [],
    files: {},
  };
}

async function attemptWithLog(
  context: CellContext,
  number: number,
): Promise<{ result: Attempt; retryable: boolean }> {
  const { info, emit } = context;
  try {
    await mkdir(context.folder, { recursive: true });
  } catch (error) {
    return { result: lostAttempt(context, number, error), retryable: false };
  }
  const log = new CellLog(join(context.folder, 'output.log'), context.secrets, (stream, text) =>
    emit({ type: 'cell:output', cell: info, attempt: number, stream, text }),
  );
  const { retryable, ...result } = await runAttempt({ ...context, number, log });
  try {
    await log.end();
  } catch (error) {
    // Without its log the attempt is not the whole truth: no verdict may stand on it.
    return { result: lostAttempt(context, number, error), retryable: false };
  }
  return { result, retryable };
}

function takeRetry(
  attempt: { result: Attempt; retryable: boolean },
  left: { test: number; error: number },
): boolean {
  const { outcome } = attempt.result;
  if (outcome === 'failed' && left.test > 0) {
    left.test -= 1;
    return true;
  }
  if (outcome === 'error' && attempt.retryable && left.error > 0) {
    left.error -= 1;
    return true;
  }
  return false;
}

/** Moves what an attempt left into `attempt-N/`, so that the last attempt's files always have their usual names. */
async function setAside(folder: string, number: number): Promise<void> {
  const aside = join(folder, `attempt-${number}`);
  await mkdir(aside, { recursive: true });
  for (const name of await readdir(folder)) {
    if (!name.startsWith('attempt-')) await rename(join(folder, name), join(aside, name));
  }
}

async function cellResult(context: CellContext, attempts: Attempt[]): Promise<CellResult> {
  const last = attempts[attempts.length - 1] as Attempt;
  const flaky = last.outcome === 'passed' && attempts.some((attempt) => attempt.outcome === 'failed');
  return {
    ...context.info,
    outcome: flaky ? 'flaky' : last.outcome,
    allowedToFail: context.cell.continueOnError,
    ...(last.phase === undefined ? {} : { phase: last.phase }),
    ...(last.error === undefined ? {} : { error: last.error }),
    attempts: attempts.map(({ suites: _suites, ...attempt }) => attempt),
    timings: last.timings,
    tests: last.tests,
    suites: last.suites,
    notes: [...new Set(attempts.flatMap((attempt) => attempt.notes))],
    files: await filesOf(context.folder, `cells/${context.info.slug}`),
  };
}

async function filesOf(folder: string, prefix: string): Promise<CellFiles> {
  const there = async (name: string) =>
    (await isThere(join(folder, name))) ? `${prefix}/${name}` : undefined;
  const [output, console, screen] = await Promise.all(['output.log', 'console.log', 'screen.png'].map(there));
  const [results, artifacts] = await Promise.all(
    [RESULTS_FOLDER, ARTIFACTS_FOLDER].map((name) => filesBelow(join(folder, name), `${prefix}/${name}`)),
  );
  return {
    ...(output ? { output } : {}),
    ...(console ? { console } : {}),
    ...(screen ? { screen } : {}),
    ...(results?.length ? { results } : {}),
    ...(artifacts?.length ? { artifacts } : {}),
  };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function filesBelow(folder: string, prefix: string): Promise<string[]> {
  if (!(await isThere(folder))) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(
      (entry) =>
        `${prefix}/${join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll('\\', '/')}`,
    )
    .sort();
}

/** An attempt that the host could not even write down. */
function lostAttempt(context: CellContext, number: number, thrown: unknown): Attempt {
  const { outcome: _outcome, retryable: _retryable, ...verdict } = errorVerdict(toVmtestError(thrown));
  return {
    number,
    outcome: 'error',
    ...verdict,
    phase: 'queue',
    started: new Date().toISOString(),
    timings: {},
    notes: [`nothing could be written to ${context.folder}`],
  };
}
