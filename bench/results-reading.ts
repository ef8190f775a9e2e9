/**
 * How fast result files of 10⁴, 10⁵ and 10⁶ tests are read, and merged into one report, and in what memory; beside the
 * least that a pass over the same bytes takes (SAX without handlers, lines that are only split, or only parsed as JSON),
 * and beside junit-report-merger. Two files with half of the tests each, as of two cells that ran the same suites. Each
 * way has a process of its own; seconds are those of the processor: `npx tsx bench/results-reading.ts [TESTS…]`.
 * Then two files of 500 MB in a heap of 512 MiB.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { WRITERS } from './result-files.ts';
import { type Measured, measure } from './support.ts';

/** What is compared, by dialect: each way, and beside which of those before it. */
const WAYS: Readonly<Record<keyof typeof WRITERS, readonly (readonly [way: string, beside?: string])[]>> = {
  junit: [
    ['saxes'],
    ['htmlparser2'],
    ['vmtest', 'htmlparser2'],
    ['junit-report-merger', 'htmlparser2'],
    ['vmtest report', 'junit-report-merger'],
  ],
  tap: [['readline'], ['vmtest', 'readline']],
  'go-test': [['JSON.parse'], ['vmtest', 'JSON.parse']],
};

const CELLS = 2;
/** For what is loaded and compiled on first use. */
const SMALL = 2_000;
/** Files of 500 MB, by what they hold: a test in so many fails. */
const LARGE = { 'a failure in ten tests': [3_540_000, 10], 'failures only': [720_000, 1] } as const;
const LARGE_HEAP = 512;

const PASS = fileURLToPath(new URL('results-pass.mjs', import.meta.url));

interface Passed extends Measured {
  /** None where it died of memory. */
  answer?: { seconds: number; tests?: number; problems: string[] };
}

const given = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
try {
  for (const dialect of Object.keys(WAYS) as (keyof typeof WRITERS)[]) {
    for (const size of given.length > 0 ? given : [10_000, 100_000, 1_000_000]) await compare(dialect, size);
  }
  if (given.length === 0) await readLarge();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compare(dialect: keyof typeof WRITERS, size: number): Promise<void> {
  const files: string[] = [];
  for (let cell = 1; cell <= CELLS; cell++) {
    files.push(await write(`${dialect}-${cell}`, WRITERS[dialect](size / CELLS)));
  }
  const bytes = await sizeOf(files);
  console.log(`${dialect}, 10^${Math.log10(size)} tests, ${(bytes / 1e6).toFixed(1)} MB`);
  const done = new Map<string, Passed>();
  for (const [way, beside = ''] of WAYS[dialect]) {
    const passed = await pass(way, dialect, files);
    done.set(way, passed);
    console.log(`  ${way.padEnd(20)} ${describe(passed, bytes)}${ratio(passed, done.get(beside), beside)}`);
  }
}

async function readLarge(): Promise<void> {
  for (const [what, [count, failing]] of Object.entries(LARGE)) {
    const file = await write('large', WRITERS.junit(count, failing));
    const passed = await pass('vmtest', 'junit', [file], [`--max-old-space-size=${LARGE_HEAP}`]);
    console.log(`junit, ${what}, in a heap of ${LARGE_HEAP} MiB`);
    console.log(`  ${'vmtest'.padEnd(20)} ${describe(passed, await sizeOf([file]))}`);
    for (const problem of passed.answer?.problems ?? []) console.log(`    ${problem}`);
  }
}

async function pass(
  way: string,
  dialect: keyof typeof WRITERS,
  files: readonly string[],
  flags: readonly string[] = [],
): Promise<Passed> {
  const output = join(folder, 'output');
  await mkdir(output);
  const small = await write('small', WRITERS[dialect](SMALL));
  const measured = await measure([process.execPath, ...flags, PASS, way, output, small, ...files]);
  await rm(output, { recursive: true });
  if (measured.exitCode === 0) return { ...measured, answer: JSON.parse(measured.stdout) };
  if (measured.stderr.includes('heap out of memory')) return measured;
  throw new Error(measured.stderr);
}

function describe({ answer, peak }: Passed, bytes: number): string {
  const memory = `peak ${(peak / 1024 ** 2).toFixed(0).padStart(4)} MiB`;
  if (!answer) return `died of memory, ${memory}`;
  const { seconds, tests } = answer;
  const speed = `${(bytes / 1e6 / seconds).toFixed(0).padStart(4)} MB/s`;
  const count = tests === undefined ? '' : `, ${tests} tests`;
  return `${seconds.toFixed(2).padStart(6)} s ${speed}, ${memory}${count}`;
}

function ratio({ answer, peak }: Passed, other: Passed | undefined, name: string): string {
  if (!answer || !other?.answer) return '';
  const time = (answer.seconds / other.answer.seconds).toFixed(2);
  return `: ${time} x the time, ${(peak / other.peak).toFixed(2)} x the memory of ${name}`;
}

async function write(name: string, pieces: Iterable<string>): Promise<string> {
  const path = join(folder, name);
  await pipeline(Readable.from(pieces), createWriteStream(path));
  return path;
}

async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
