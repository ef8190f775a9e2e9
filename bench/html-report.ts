/**
 * How large `report.html` becomes, how long it takes to write, and how soon a person can use it:
 * `npx tsx bench/html-report.ts [RUNS]`. Chromium opens each page, and beside it one of the same size that holds
 * nothing to show; the time is from the start of the navigation to the page's own mark.
 */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createReporter } from '../reporters/html.ts';
import type { RunResult } from '../src/results/model.ts';
import { launchChromium, openFile } from '../test/support/chromium.ts';
import { sampleRun } from '../test/support/sample-run.ts';
import { median } from './support.ts';

const runs = Number(process.argv[2] ?? 7);
const SIZES = [
  { targets: 1, tests: 100 },
  { targets: 25, tests: 100 },
  { targets: 25, tests: 1_000 },
  { targets: 250, tests: 20 },
];
const LOG = Array.from(
  { length: 400 },
  (_, line) => `[${line * 37}] step ${line}: ${(line * 7919) % 1013} things done`,
).join('\n');

const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
const browser = await launchChromium();
try {
  console.log('cells  tests/cell  written  page      usable (empty page of that size)');
  for (const size of SIZES) {
    const result = sampleRun(size);
    const output = join(folder, `${result.cells.length}-${size.tests}`);
    await writeLogs(output, result);
    const written = await write(output, result);
    const page = join(output, 'report.html');
    const { size: bytes } = await stat(page);
    const floor = join(output, 'empty.html');
    await writeFile(floor, emptyPage(bytes));
    const usable: number[] = [];
    const empty: number[] = [];
    // In turns, so that what else the host does meets both.
    for (let run = 0; run < runs; run += 1) {
      usable.push(await timeTo(browser, page));
      empty.push(await timeTo(browser, floor));
    }
    console.log(
      `${String(result.cells.length).padEnd(7)}${String(size.tests).padEnd(12)}${`${(written / 1000).toFixed(2)} s`.padEnd(9)}` +
        `${`${(bytes / 1e6).toFixed(2)} MB`.padEnd(10)}${median(usable).toFixed(0)} ms (${median(empty).toFixed(0)} ms)`,
    );
  }
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

async function writeLogs(output: string, { cells }: RunResult): Promise<void> {
  for (const { slug } of cells) {
    await mkdir(join(output, 'cells', slug), { recursive: true });
    await writeFile(join(output, 'cells', slug, 'output.log'), LOG);
  }
}

async function write(output: string, result: RunResult): Promise<number> {
  const started = performance.now();
  const { stdout, stderr } = process;
  const reporter = createReporter({ output, stdout, stderr, color: false });
  reporter.onEvent?.({ type: 'run:end', result });
  await reporter.finish?.();
  return performance.now() - started;
}

/** Text that no browser shows, and the same mark at its end. */
function emptyPage(bytes: number): string {
  const head = '<!doctype html><meta charset="utf-8"><title>-</title><script type="text/plain">';
  const tail = '</script><script>performance.mark("vmtest:interactive")</script>';
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail;
}

async function timeTo(browser: Browser, path: string): Promise<number> {
  const { page, trouble } = await openFile(browser, path);
  const mark = 'performance.getEntriesByName("vmtest:interactive")[0]?.startTime';
  await page.waitForFunction(mark);
  const time = (await page.evaluate(mark)) as number;
  await page.context().close();
  if (trouble.length > 0) throw new Error(trouble.join('\n'));
  return time;
}
