/** A cell from its first attempt to its result: retries, logs, files. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toVmtestError } from '../host/errors.ts';
import type { Host } from '../host/host.ts';
import { tellingCommands } from '../host/told-commands.ts';
import { CONSOLE_LOG, cellFiles } from '../results/cell-files.ts';
import { settleCell } from '../results/cell-result.ts';
import type { Attempt, CellResult } from '../results/model.ts';
import { type Redactor, redactValue } from '../results/redact.ts';
import { errorVerdict } from '../results/verdict.ts';
import { type AttemptResult, runAttempt } from './attempt.ts';
import type { AttemptContext } from './cell-life.ts';
import { CellLog } from './cell-log.ts';
import { commandMask } from './command-mask.ts';
import { EngineLog } from './engine-log.ts';
import { maskFile } from './mask-file.ts';

export interface CellContext extends Omit<AttemptContext, 'number' | 'log'> {
  /** Further tries after a failed test, and after an error that may pass. */
  retries: { test: number; error: number };
  /** Masks secrets in everything that leaves the cell: output, errors, results. */
  redactor: Redactor;
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
    const attempt = redactValue(await attemptWithLog({ ...context, queued }, number), context.redactor);
    attempts.push(attempt.result);
    const willRetry = takeRetry(attempt, left) && !context.signal.aborted;
    emit({ type: 'cell:attempt', cell: info, result: attempt.result, willRetry });
    if (!willRetry) break;
    await setAside(context.folder, number);
  }
  const files = await cellFiles(context.folder, `cells/${info.slug}`);
  const frame = { cell: info, allowedToFail: context.cell.continueOnError, files };
  return settleCell(frame, attempts as [Attempt, ...Attempt[]]);
}

async function attemptWithLog(context: CellContext, number: number): Promise<AttemptResult> {
  const { info, emit } = context;
  try {
    await mkdir(context.folder, { recursive: true });
    const log = new CellLog(join(context.folder, 'output.log'), context.redactor, (stream, text) =>
      emit({ type: 'cell:output', cell: info, attempt: number, stream, text }),
    );
    const { host, told } = withEngineLog(context);
    const { result, ...attempt } = await runAttempt({ ...context, host, number, log });
    await Promise.all([log.end(), told.end()]);
    const notes = await maskConsole(join(context.folder, CONSOLE_LOG), context.redactor);
    return { ...attempt, result: { ...result, notes: [...result.notes, ...notes] } };
  } catch (error) {
    // Without its log the attempt is not the whole truth: no verdict may stand on it.
    return { result: unwritten(context, number, error), retryable: false };
  }
}

/** Once the machine is gone, and its log is whole. Answers with notes for people. */
async function maskConsole(path: string, redactor: Redactor): Promise<string[]> {
  const mask = redactor.bytes();
  if (!mask) return [];
  try {
    await maskFile(path, mask);
    return [];
  } catch (error) {
    const why = `console.log could not be masked: ${toVmtestError(error).message}`;
    return rm(path, { force: true }).then(
      () => [`${why}; it was removed`],
      () => [`${why}; it may hold secrets`],
    );
  }
}

function withEngineLog({ host, folder, info, planned, redactor }: CellContext): {
  host: Host;
  told: EngineLog;
} {
  const told = new EngineLog(join(folder, 'engine.log'));
  const mask = commandMask(redactor, planned.target);
  const telling = tellingCommands(host, (command) => {
    const masked = mask(command);
    told.write(masked);
    host.onCommand(masked, info.id);
  });
  return { host: telling, told };
}

function takeRetry(attempt: AttemptResult, left: { test: number; error: number }): boolean {
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

/** An attempt that the host could not even write down. */
function unwritten(context: CellContext, number: number, thrown: unknown): Attempt {
  const error = toVmtestError(thrown);
  return {
    number,
    ...errorVerdict('queue', {
      code: 'OUTPUT_UNWRITABLE',
      message: `nothing can be written to ${context.folder}: ${error.message}`,
      hint: 'Look at the free space and the rights of the output folder.',
    }),
    started: new Date().toISOString(),
    timings: {},
  };
}
