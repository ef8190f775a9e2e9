/**
 * How long the reports of a very large run take, and what memory: `npx tsx bench/junit-writer.ts [CELLS]`.
 * The same cells are written as junit.xml and as results.json, and the former is read back.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultsJson } from '../reporters/json.ts';
import { junitDocument } from '../reporters/junit/document.ts';
import { writeReport } from '../reporters/write-report.ts';
import { settleCell } from '../src/results/cell-result.ts';
import type { CellResult } from '../src/results/model.ts';
import { readResults } from '../src/results/read-results.ts';
import { finishRun } from '../src/results/summary.ts';
import { judge } from '../src/results/verdict.ts';

const count = Number(process.argv[2] ?? 100_000);
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
try {
  const cells = Array.from({ length: count }, (_, index) => makeCell(index));
  const result = finishRun(
    {
      id: 'bench',
      started: '2026-11-21T09:30:00.000Z',
      seed: '1',
      host: { name: 'h', os: 'linux', arch: 'x64', cpus: 1, memory: 1, node: process.version, vmtest: '0' },
    },
    cells,
    { finished: '2026-11-21T09:31:00.000Z' },
  );
  const xml = join(folder, 'junit.xml');
  await measure('junit.xml', () =>
    writeReport(xml, junitDocument(cells, { duration: 60_000, attachment: (file) => file })),
  );
  await measure('results.json', () => writeReport(join(folder, 'results.json'), resultsJson(result)));
  await measure('junit.xml, read back', async () => {
    const { suites, complete, problems } = await readResults(xml);
    console.log(
      `  ${suites.length} suites, complete: ${complete}${problems.map((one) => `, ${one}`).join('')}`,
    );
  });
  console.log(`${count} cells: ${((await stat(xml)).size / 1e6).toFixed(0)} MB of XML`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(what: string, work: () => Promise<void>): Promise<void> {
  const before = process.memoryUsage.rss();
  const start = performance.now();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 10);
  await work();
  clearInterval(watch);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${what.padEnd(22)} ${seconds} s, +${((peak - before) / 1e6).toFixed(0)} MB`);
}

/** Two tests a cell; every tenth cell has a failure with a stack. */
function makeCell(index: number): CellResult {
  const failed = index % 10 === 0;
  const id = `debian-12/n=${index}`;
  const stack = Array.from({ length: 15 }, (_, line) => `    at step${line} (test/parser.js:${line}:7)`);
  const parsed = {
    suites: [
      {
        name: 'parser',
        cases: [
          { name: 'reads', status: 'passed' as const, duration: 3, stdout: 'reading\n'.repeat(20) },
          failed
            ? {
                name: 'writes',
                status: 'failed' as const,
                failures: [{ message: 'expected 1 to be 2', text: stack.join('\n') }],
              }
            : { name: 'writes', status: 'passed' as const, duration: 4 },
        ],
      },
    ],
    complete: true,
    problems: [],
  };
  const end = { exitCode: failed ? 1 : 0 };
  const verdict = judge({ command: 'make test', end, results: { globs: ['*.xml'], files: 1, parsed } });
  return settleCell(
    {
      cell: {
        id,
        slug: `debian-12_n-${index}`,
        index,
        target: 'debian-12',
        values: { n: String(index) },
        engine: 'qemu',
        snapshot: 'clean',
      },
      allowedToFail: false,
      files: { output: `cells/debian-12_n-${index}/output.log` },
    },
    [{ number: 1, started: '2026-11-21T09:30:00.000Z', timings: { run: 7 }, ...verdict }],
  );
}
