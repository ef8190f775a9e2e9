/**
 * How fast result files of 10⁴, 10⁵ and 10⁶ tests are read, and in what memory, beside the least that reading the same
 * bytes takes: a SAX pass without handlers, lines that are only split, lines that are only parsed as JSON. Each in a
 * process of its own; seconds are those of the processor: `npx tsx bench/results-reading.ts [TESTS…]`.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Parser } from 'htmlparser2';
import { SaxesParser } from 'saxes';
import { countTests } from '../src/results/counts.ts';
import { readResults } from '../src/results/read-results.ts';
import { measure } from './support.ts';

const STACK = Array.from({ length: 15 }, (_, line) => `    at step${line} (test/parser.js:${line}:7)`).join(
  '\n',
);

/** Every tenth test fails with a stack; a suite, subtest or package has a hundred tests. */
const WRITERS: Readonly<Record<string, (count: number) => Generator<string>>> = {
  *junit(count) {
    yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="${count}">\n`;
    for (let suite = 0; suite < count / 100; suite++) {
      yield `<testsuite name="suite ${suite}" tests="100">\n`;
      for (let test = 0; test < 100; test++) {
        const start = `<testcase classname="com.example.Suite${suite}" name="reads value ${test}" time="0.012"`;
        yield test % 10 === 0
          ? `${start}><failure message="expected 1 to be 2" type="AssertionError">${STACK}</failure></testcase>\n`
          : `${start}/>\n`;
      }
      yield '</testsuite>\n';
    }
    yield '</testsuites>\n';
  },
  *tap(count) {
    yield `TAP version 14\n1..${count / 100}\n`;
    const details = `---\nmessage: expected 1 to be 2\nstack: |-\n${STACK}\n...`.replace(/^/gm, '      ');
    for (let suite = 0; suite < count / 100; suite++) {
      yield `# Subtest: suite ${suite}\n    1..100\n`;
      for (let test = 0; test < 100; test++) {
        const point = `ok ${test + 1} - reads value ${test} # time=12ms\n`;
        yield test % 10 === 0 ? `    not ${point}${details}\n` : `    ${point}`;
      }
      yield `not ok ${suite + 1} - suite ${suite}\n`;
    }
  },
  *'go-test'(count) {
    for (let suite = 0; suite < count / 100; suite++) {
      const line = (fields: object) =>
        `${JSON.stringify({ Time: '2026-11-21T09:30:00.123456789Z', Package: `example.com/app/p${suite}`, ...fields })}\n`;
      yield line({ Action: 'start' });
      for (let test = 0; test < 100; test++) {
        const Test = `TestReads${test}`;
        const failing = test % 10 === 0;
        yield line({ Action: 'run', Test });
        if (failing) yield line({ Action: 'output', Test, Output: `    app_test.go:7: got 1\n${STACK}\n` });
        yield line({ Action: failing ? 'fail' : 'pass', Test, Elapsed: 0.01 });
      }
      yield line({ Action: 'fail', Elapsed: 1 });
    }
  },
};

/** Takes types away and adds nothing, unlike tsx, which wraps every function. */
const LOADER = new URL('../scripts/ts.mjs', import.meta.url).href;

/** What is compared, by dialect. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  junit: ['vmtest', 'htmlparser2', 'saxes'],
  tap: ['vmtest', 'readline'],
  'go-test': ['vmtest', 'JSON.parse'],
};

const PASSES: Readonly<Record<string, (file: string) => Promise<number>>> = {
  async vmtest(file) {
    const { suites } = await readResults(file);
    return countTests(suites).total;
  },
  async htmlparser2(file) {
    const parser = new Parser({}, { xmlMode: true });
    for await (const piece of createReadStream(file, 'utf8')) parser.write(piece);
    parser.end();
    return 0;
  },
  async saxes(file) {
    const parser = new SaxesParser();
    for await (const piece of createReadStream(file, 'utf8')) parser.write(piece);
    parser.close();
    return 0;
  },
  readline: (file) => eachLine(file, () => undefined),
  'JSON.parse': (file) => eachLine(file, (line) => JSON.parse(line)),
};

/** The beginning of the file. */
async function* warmUp(): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file, { end: 1_000_000 });
}

async function eachLine(file: string, use: (line: string) => void): Promise<number> {
  for await (const line of createInterface({ input: createReadStream(file) })) use(line);
  return 0;
}

const [way = '', file = ''] = process.argv.slice(2);
const pass = PASSES[way];
if (pass) {
  // The reader itself is loaded and compiled on first use.
  await readResults(warmUp(), { limits: { bytes: 1_000_000 } });
  const before = process.cpuUsage();
  const tests = await pass(file);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ tests, seconds: (user + system) / 1e6 }));
} else {
  const sizes = process.argv.slice(2).map(Number);
  await compare(sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]);
}

async function compare(sizes: readonly number[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
  try {
    for (const [dialect, ways] of Object.entries(WAYS)) {
      for (const size of sizes) {
        const path = join(folder, dialect);
        await pipeline(Readable.from(WRITERS[dialect]?.(size) ?? []), createWriteStream(path));
        for (const each of ways) await run(dialect, size, each, path);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(dialect: string, size: number, each: string, path: string): Promise<void> {
  const self = fileURLToPath(import.meta.url);
  const { stdout, stderr, peak, exitCode } = await measure([
    process.execPath,
    '--import',
    LOADER,
    self,
    each,
    path,
  ]);
  if (exitCode !== 0) throw new Error(stderr);
  const { tests, seconds } = JSON.parse(stdout) as { tests: number; seconds: number };
  const bytes = (await stat(path)).size;
  const count = each === 'vmtest' ? `, ${tests} tests read` : '';
  console.log(
    `${dialect.padEnd(8)} 10^${Math.log10(size)} ${each.padEnd(12)} ${seconds.toFixed(2).padStart(6)} s ` +
      `${(bytes / 1e6 / seconds).toFixed(0).padStart(4)} MB/s of ${(bytes / 1e6).toFixed(1)} MB, ` +
      `peak ${Math.round(peak / 1024 ** 2)} MiB${count}`,
  );
}
