import { linkSignal } from '../host/deadline.ts';
import { VmtestError } from '../host/errors.ts';
import type { KeepPolicy } from '../run/cell-life.ts';
import { absolutePath, type Plan, plan } from '../run/plan.ts';
import { run } from '../run/run.ts';
import { EXIT } from './exit-codes.ts';
import { splitFile } from './file-or-selector.ts';
import { cliHost } from './host.ts';
import { listenForInterrupt } from './interrupt.ts';
import { type JUnitFlags, junitSettings } from './junit-options.ts';
import { formatError } from './print-error.ts';
import { createReporters } from './reporters.ts';

export interface RunCommandOptions extends JUnitFlags {
  file?: string;
  selectors: string[];
  shard?: string;
  lastFailed?: boolean;
  jobs?: number;
  retries?: number;
  /** Milliseconds. */
  timeout?: number;
  failFast?: boolean;
  repeat: number;
  seed?: string;
  reporter: string[];
  output: string;
  keep: KeepPolicy;
  dryRun?: boolean;
  verbose?: boolean;
  record?: string;
  color?: boolean;
}

export async function runCommand(options: RunCommandOptions): Promise<number> {
  const host = cliHost(options);
  const interrupt = listenForInterrupt();
  const { signal, unlink } = linkSignal(interrupt.signal, timeLimit(options.timeout));
  try {
    const { file, selectors: _selectors, timeout: _timeout, ...others } = options;
    const where = splitFile(file, options.selectors);
    const planned = await plan(host, { ...others, ...where, signal });
    if (planned.cells.length === 0) throw nothingSelected(options);
    if (options.dryRun) return showPlan(planned);
    const output = absolutePath(options.output);
    const reporters = await createReporters(options.reporter, {
      output,
      color: options.color !== false,
      junit: junitSettings(options),
    });
    const result = await run(host, planned, {
      ...options,
      output,
      ...(where.file === undefined ? {} : { matrix: where.file }),
      signal,
      onEvent: (event) => reporters.emit(event),
    });
    const intact = await reporters.finish();
    return result.run.exitCode === EXIT.passed && !intact ? EXIT.error : result.run.exitCode;
  } finally {
    unlink();
    interrupt.dispose();
  }
}

/** Planning counts too: whoever gives a limit has a job of CI with one in mind. */
function timeLimit(ms: number | undefined): { ms: number; what: string } | undefined {
  return ms === undefined ? undefined : { ms, what: 'the whole run (--timeout)' };
}

function nothingSelected(options: RunCommandOptions): VmtestError {
  const why = options.lastFailed
    ? 'every cell passed in the last run'
    : options.shard !== undefined
      ? `shard ${options.shard} has no cell`
      : 'no cell fits all of the selectors';
  return new VmtestError('NOTHING_SELECTED', `nothing to run: ${why}`, {
    hint: '`vmtest list` shows the cells.',
  });
}

/** `--dry-run`: which cells on which engines, and everything that is in the way. */
function showPlan({ cells, targets, broken }: Plan): number {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  for (const { target, notes } of targets.values()) {
    say(`${target.name}: ${notes.join('; ')}`);
  }
  for (const cell of cells) say(`  ${cell.id}${broken.has(cell.target) ? '  (cannot run here)' : ''}`);
  for (const { target, problems } of broken.values()) {
    for (const { code, message, hint } of problems) {
      const error = new VmtestError(code, `${target.name}: ${message}`, hint === undefined ? {} : { hint });
      process.stderr.write(formatError(error));
    }
  }
  return broken.size > 0 ? EXIT.error : EXIT.passed;
}
