/**
 * How long `vmtest report` takes for a run of very many tests, and what memory: `npx tsx bench/report.ts [TESTS]`.
 * Two shards of 100 cells each are read, merged, and reported as JUnit, JSON and CTRF.
 */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReporter as createCtrf } from '../reporters/ctrf.ts';
import { createReporter as createJson, resultsJson } from '../reporters/json.ts';
import { createReporter as createJUnit } from '../reporters/junit.ts';
import { writeReport } from '../reporters/write-report.ts';
import { bringTogether, gather, retell } from '../src/report/report.ts';
import { settleCell } from '../src/results/cell-result.ts';
import type { CellResult, RunInfo, TestCase } from '../src/results/model.ts';
import { finishRun } from '../src/results/summary.ts';
import { judge } from '../src/results/verdict.ts';

const tests = Number(process.argv[2] ?? 100_000);
const SHARDS = 2;
const CELLS = 100;
const started = '2026-11-21T09:30:00.000Z';
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
try {
  const shards: string[] = [];
  for (let index = 1; index <= SHARDS; index++) {
    const shard = join(folder, `shard-${index}`);
    shards.push(shard);
    await mkdir(shard);
    const cells = Array.from({ length: CELLS }, (_, at) => makeCell((index - 1) * CELLS + at));
    const run = finishRun(runInfo(`${index}/${SHARDS}`), cells, { finished: '2026-11-21T09:31:00.000Z' });
    await writeReport(join(shard, 'results.json'), resultsJson(run));
  }
  const size = await sizeOf(shards.map((shard) => join(shard, 'results.json')));
  globalThis.gc?.();
  const output = join(folder, 'merged');
  const inputs = { paths: shards, cells: [], cwd: folder };
  const gathered = await measure('read and merge', () => gather(inputs, { self: runInfo() }));
  const result = await measure('files', () => bringTogether(gathered, output));
  const context = { output, stdout: process.stdout, stderr: process.stderr, color: false };
  for (const [name, create] of Object.entries({ junit: createJUnit, json: createJson, ctrf: createCtrf })) {
    await measure(name, async () => {
      const reporter = create(context);
      for (const event of retell(result, output)) reporter.onEvent?.(event);
      await reporter.finish?.();
    });
  }
  console.log(`${result.summary.tests.total} tests in ${size} MB of results.json`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  let peak = process.memoryUsage.rss();
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 10);
  const answer = await work();
  clearInterval(watch);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${what.padEnd(16)} ${seconds} s, ${(peak / 1e6).toFixed(0)} MB in all`);
  return answer;
}

async function sizeOf(paths: readonly string[]): Promise<string> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return (sizes.reduce((sum, one) => sum + one, 0) / 1e6).toFixed(0);
}

function runInfo(shard?: string): RunInfo {
  const host = {
    name: 'h',
    os: 'linux',
    arch: 'x64',
    cpus: 1,
    memory: 1,
    node: process.version,
    vmtest: '0',
  };
  return { id: `bench-${shard}`, started, seed: '1', host, ...(shard === undefined ? {} : { shard }) };
}

/** Every hundredth test fails, with a stack. */
function makeCell(index: number): CellResult {
  const text = Array.from({ length: 15 }, (_, line) => `    at step${line} (test/parser.js:${line}:7)`).join(
    '\n',
  );
  const cases = Array.from({ length: tests / (SHARDS * CELLS) }, (_, nth): TestCase => {
    const name = `reads the ${nth}th kind of document that there is`;
    if (nth % 100 !== 0) return { name, classname: 'parser', status: 'passed', duration: nth % 50 };
    return {
      name,
      classname: 'parser',
      status: 'failed',
      failures: [{ message: 'expected 1 to be 2', text }],
    };
  });
  const parsed = { suites: [{ name: 'parser', cases }], complete: true, problems: [] };
  const results = { globs: ['*.xml'], files: 1, parsed };
  const verdict = judge({ command: 'make test', end: { exitCode: 1 }, results });
  const slug = `debian-12_n-${index}`;
  const cell = {
    id: `debian-12/n=${index}`,
    slug,
    index,
    target: 'debian-12',
    values: { n: String(index) },
    engine: 'qemu',
    snapshot: 'clean',
  };
  return settleCell({ cell, allowedToFail: false, files: {} }, [
    { number: 1, started, timings: { run: 7 }, ...verdict },
  ]);
}
