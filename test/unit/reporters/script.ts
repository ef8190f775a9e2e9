/** Small results and the events that lead to them, for tests of reporters. Times are fixed. */
import { settleCell, unstartedCell } from '../../../src/results/cell-result.ts';
import type { RunEvent } from '../../../src/results/events.ts';
import type {
  Attempt,
  CellFiles,
  CellInfo,
  CellResult,
  ErrorInfo,
  Phase,
  RunInfo,
  RunResult,
  TestCase,
  TestSuite,
} from '../../../src/results/model.ts';
import { finishRun } from '../../../src/results/summary.ts';
import { cancelVerdict, errorVerdict, judge, type Verdict } from '../../../src/results/verdict.ts';

export const OUTPUT = '/project/vmtest-results';
export const CWD = '/project';

export const RUN: RunInfo = {
  id: '20261121t093000-4f1c',
  started: '2026-11-21T09:30:00.000Z',
  seed: '8841',
  matrix: 'matrix.yml',
  host: {
    name: 'builder',
    os: 'linux',
    arch: 'x64',
    cpus: 2,
    memory: 24 * 1024 ** 3,
    node: '20.20.2',
    vmtest: '0.1.0',
  },
};

/** `cellInfo('debian-12/node=20')` */
export function cellInfo(id: string, index = 0): CellInfo {
  const [target = '', ...axes] = id.split('/');
  return {
    id,
    slug: id
      .toLowerCase()
      .replaceAll('/', '_')
      .replace(/[^a-z0-9_-]+/g, '-'),
    index,
    target,
    values: Object.fromEntries(axes.map((axis) => axis.split('=') as [string, string])),
    engine: 'qemu',
    snapshot: 'clean',
  };
}

export function passing(name: string, more: Partial<TestCase> = {}): TestCase {
  return { name, status: 'passed', duration: 12, ...more };
}

export function failing(name: string, message: string, more: Partial<TestCase> = {}): TestCase {
  return {
    name,
    status: 'failed',
    duration: 7,
    failures: [{ message, type: 'AssertionError', text: `${message}\n    at test.js:3:1` }],
    ...more,
  };
}

export function suite(name: string, ...cases: TestCase[]): TestSuite {
  return { name, cases };
}

/** An attempt whose command ended with 0, or with 1 when a test failed. */
export function tested(number: number, suites: TestSuite[]): Attempt {
  const failed = suites.some(({ cases }) => cases.some(({ status }) => status === 'failed'));
  const parsed = { suites, complete: true, problems: [] };
  return attempt(
    number,
    judge({
      command: './ci/test.sh',
      end: { exitCode: failed ? 1 : 0 },
      results: { globs: ['reports/*.xml'], files: 1, parsed },
    }),
  );
}

export function broken(number: number, phase: Phase, error: ErrorInfo): Attempt {
  return attempt(number, errorVerdict(phase, error));
}

export function cut(number: number, phase: Phase, reason: string): Attempt {
  return attempt(number, cancelVerdict(phase, reason));
}

export function attempt(number: number, verdict: Verdict): Attempt {
  return {
    number,
    started: '2026-11-21T09:30:01.000Z',
    timings: { queue: 3, restore: 80, boot: 15, connect: 1_300, run: 11_000, collect: 150 },
    ...verdict,
  };
}

export interface ScriptedCell {
  info: CellInfo;
  result: CellResult;
  events: RunEvent[];
}

/** A cell that went through these attempts, and said this in the last of them. */
export function cellStory(
  info: CellInfo,
  attempts: readonly [Attempt, ...Attempt[]],
  more: { output?: string; allowedToFail?: boolean; files?: CellFiles; notes?: string[] } = {},
): ScriptedCell {
  const { output = '', allowedToFail = false, notes = [] } = more;
  const files = more.files ?? { output: `cells/${info.slug}/output.log` };
  const result = settleCell({ cell: info, allowedToFail, files, notes }, attempts);
  const events = attempts.flatMap((one, index): RunEvent[] => {
    const last = index === attempts.length - 1;
    const said: RunEvent[] =
      output !== '' && last
        ? [{ type: 'cell:output', cell: info, attempt: one.number, stream: 'stdout', text: output }]
        : [];
    return [
      { type: 'cell:start', cell: info, attempt: one.number },
      { type: 'cell:phase', cell: info, attempt: one.number, phase: 'restore' },
      ...said,
      { type: 'cell:attempt', cell: info, result: one, willRetry: !last },
    ];
  });
  return { info, result, events: [...events, { type: 'cell:end', cell: info, result }] };
}

/** A cell that never started. */
export function idleCell(info: CellInfo, why: Parameters<typeof unstartedCell>[1]): ScriptedCell {
  const result = unstartedCell({ cell: info, allowedToFail: false, files: {} }, why);
  return { info, result, events: [{ type: 'cell:end', cell: info, result }] };
}

export function runStory(
  cells: readonly ScriptedCell[],
  more: { between?: RunEvent[]; interrupted?: boolean; run?: Partial<RunInfo> } = {},
): { events: RunEvent[]; result: RunResult } {
  const run = { ...RUN, ...more.run };
  const result = finishRun(
    run,
    cells.map((cell) => cell.result),
    { finished: '2026-11-21T09:32:14.000Z', interrupted: more.interrupted ?? false },
  );
  const events: RunEvent[] = [
    { type: 'run:start', run, cells: cells.map(({ info }) => info), output: OUTPUT, expected: {} },
    ...(more.between ?? []),
    ...cells.flatMap((cell) => cell.events),
    { type: 'run:end', result },
  ];
  return { events, result };
}
