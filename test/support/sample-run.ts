/**
 * A run as large as one likes, with causes that a report should find: three tests that fail wherever libc is musl, one
 * target on which one version never boots, a test that is flaky everywhere now and then. The same every time.
 */
import { settleCell } from '../../src/results/cell-result.ts';
import type { Attempt, CellResult, Phase, RunInfo, RunResult, TestCase } from '../../src/results/model.ts';
import { finishRun } from '../../src/results/summary.ts';
import { errorVerdict, judge } from '../../src/results/verdict.ts';

export interface SampleSize {
  targets?: number;
  /** Tests a cell. */
  tests?: number;
  /** Places on the make-believe engine. */
  slots?: number;
}

const STARTED = Date.parse('2026-11-21T09:30:00.000Z');
const NODES = ['20', '22', '24', '26', '3.10'];
const DBS = ['postgres', 'sqlite', 'mysql', 'none'];
const SYSTEMS = ['debian', 'alpine', 'fedora', 'windows', 'void', 'freebsd', 'ubuntu'];

/** Twenty cells a target. */
export function sampleRun({ targets = 25, tests = 100, slots = 16 }: SampleSize = {}): RunResult {
  const free = Array.from({ length: slots }, () => 9_000);
  const cells: CellResult[] = [];
  for (let target = 0; target < targets; target += 1) {
    const system = SYSTEMS[target % SYSTEMS.length] as string;
    const name = `${system}-${10 + Math.floor(target / SYSTEMS.length)}`;
    const libc = system === 'alpine' || system === 'void' ? 'musl' : system === 'windows' ? 'ucrt' : 'glibc';
    for (const node of NODES) {
      for (const db of DBS) {
        const values = { target: name, libc, node, db };
        cells.push(sampleCell(cells.length, values, tests, free));
      }
    }
  }
  const run: RunInfo = {
    id: '20261121t093000-4f1c',
    started: new Date(STARTED).toISOString(),
    seed: '8841',
    matrix: 'ci/matrix.yml',
    host: {
      name: 'builder',
      os: 'linux',
      arch: 'x64',
      cpus: 16,
      memory: 64e9,
      node: '20.20.2',
      vmtest: '0.1.0',
    },
  };
  const finished = new Date(STARTED + Math.max(...free) + 800).toISOString();
  return finishRun(run, cells, { finished });
}

interface Values {
  target: string;
  libc: string;
  node: string;
  db: string;
}

function sampleCell(index: number, values: Values, tests: number, free: number[]): CellResult {
  const { target, libc, node, db } = values;
  const id = `${target}/libc=${libc}/node=${node}/db=${db}`;
  const slug = id.replaceAll('/', '_').replace(/[^a-z0-9_-]+/g, '-');
  const attempts: Attempt[] = [];
  const once = (make: () => Pick<Attempt, 'timings'> & Omit<Attempt, 'number' | 'started' | 'timings'>) => {
    const slot = free.indexOf(Math.min(...free));
    const queued = attempts.length === 0 ? 0 : (free[slot] ?? 0);
    const start = free[slot] ?? 0;
    const { timings, ...attempt } = make();
    free[slot] = start + Object.values(timings).reduce((sum, ms) => sum + ms, 0);
    attempts.push({
      ...attempt,
      number: attempts.length + 1,
      started: new Date(STARTED + start).toISOString(),
      timings: { queue: start - queued, ...timings },
    });
  };
  if (target === 'freebsd-10' && node === '3.10') {
    once(() => ({
      timings: times(index, 60_000, 'connect'),
      ...errorVerdict('connect', {
        code: 'GUEST_UNREACHABLE',
        message: `no answer on port ${2200 + index} within 60 s`,
        hint: 'Look at the console.',
        details: 'the end of the console:\nmountroot> \u001b[31mno such device\u001b[0m',
      }),
    }));
  } else {
    const flaky = index % 83 === 5;
    if (flaky)
      once(() => ({ timings: times(index, 3_000), ...verdictOf(casesOf(values, index, tests, true)) }));
    once(() => ({
      timings: times(index, 2_000 + ((index * 7919) % 9_000)),
      ...verdictOf(casesOf(values, index, tests, false)),
    }));
  }
  const info = { id, slug, index, target, values: { ...values }, engine: 'qemu', snapshot: 'clean' };
  const files = { output: `cells/${slug}/output.log`, console: `cells/${slug}/console.log` };
  return settleCell(
    { cell: info, allowedToFail: node === '3.10' && db === 'none', files },
    attempts as [Attempt, ...Attempt[]],
  );
}

function times(index: number, run: number, last: Phase = 'run'): Partial<Record<Phase, number>> {
  const jitter = (index * 6151) % 400;
  const whole = {
    restore: 80 + jitter,
    boot: 300 + jitter,
    connect: 900 + 2 * jitter,
    upload: 250,
    setup: 700,
  };
  return last === 'run'
    ? { ...whole, run, collect: 180, release: 120 }
    : { restore: 80 + jitter, boot: 300, connect: run, release: 120 };
}

function verdictOf(cases: TestCase[]) {
  const failed = cases.some(({ status }) => status === 'failed');
  const parsed = { suites: [{ name: 'unit', cases }], complete: true, problems: [] };
  return judge({
    command: './ci/test.sh',
    end: { exitCode: failed ? 1 : 0 },
    results: { globs: ['reports/*.xml'], files: 1, parsed },
  });
}

function casesOf({ libc, node, db }: Values, cell: number, tests: number, flaky: boolean): TestCase[] {
  return Array.from({ length: tests }, (_, index): TestCase => {
    const name = `handles case ${index} of the ${['parser', 'resolver', 'loader', 'cache'][index % 4]}`;
    const base = {
      name,
      classname: `suite.${['parse', 'resolve', 'load', 'cache'][index % 4]}`,
      duration: (index * 37) % 900,
    };
    if (libc === 'musl' && index >= 10 && index < 13) {
      return failed(base, `dlopen: symbol not found at 0x${(cell * 4099).toString(16)}f0`, 'LoadError');
    }
    if (node === '26' && db === 'mysql' && index === 40)
      return failed(base, `timed out after ${cell + 5000} ms`, 'Timeout');
    if (flaky && index === 7) return failed(base, 'connection reset by peer', 'NetworkError');
    if (db === 'none' && index % 20 === 19)
      return { ...base, status: 'skipped', skipReason: 'needs a database' };
    return { ...base, status: 'passed' };
  });
}

function failed(base: Omit<TestCase, 'status'>, message: string, type: string): TestCase {
  const text = `${type}: ${message}\n${Array.from({ length: 8 }, (_, line) => `    at step${line} (test/a.js:${10 + line}:7)`).join('\n')}`;
  return {
    ...base,
    status: 'failed',
    file: 'test/a.js',
    line: 10,
    failures: [{ message, type, text }],
    stdout: 'loading…\n',
  };
}
