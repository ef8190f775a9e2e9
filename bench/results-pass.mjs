/**
 * One way through result files: `node bench/results-pass.mjs WAY FOLDER SMALL_FILE FILE…`. The small file goes first, for
 * code is loaded and compiled on first use. Plain JavaScript on the build: a compiler in the process would be most of
 * its memory. Answers with seconds of the processor, and what came of it.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Each loads what it needs, and no more, for memory is compared. */
const PASSES = {
  /** A cell for each file; all results are held at the end, as a run holds them. */
  async vmtest(files) {
    const { readResults } = await import('../dist/src/results/read-results.js');
    const read = [];
    for (const file of files) read.push(await readResults(file));
    const suites = read.flatMap((result) => result.suites);
    return {
      tests: suites.reduce((sum, { cases }) => sum + cases.length, 0),
      problems: read.flatMap(({ problems }) => problems),
    };
  },
  /** Writes a file for each cell, too, and copies what it read beside it. */
  async 'vmtest report'(files, output) {
    const { reportCommand } = await import('../dist/src/cli/report.js');
    const cell = files.map((file, index) => `cell-${index + 1}=${file}`);
    await reportCommand({ paths: [], cell, reporter: ['junit'], output });
    return { merged: join(output, 'junit.xml') };
  },
  async 'junit-report-merger'(files, output) {
    const { mergeFiles } = await import('junit-report-merger');
    const merged = `${output}.xml`;
    await mergeFiles(merged, files);
    return { merged };
  },
  async htmlparser2(files) {
    const { Parser } = await import('htmlparser2');
    for (const file of files) {
      const parser = new Parser({}, { xmlMode: true });
      for await (const piece of createReadStream(file, 'utf8')) parser.write(piece);
      parser.end();
    }
    return {};
  },
  async saxes(files) {
    const { SaxesParser } = await import('saxes');
    for (const file of files) {
      const parser = new SaxesParser();
      for await (const piece of createReadStream(file, 'utf8')) parser.write(piece);
      parser.close();
    }
    return {};
  },
  readline: (files) => eachLine(files, () => undefined),
  'JSON.parse': (files) => eachLine(files, (line) => JSON.parse(line)),
};

async function eachLine(files, use) {
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) })) use(line);
  }
  return {};
}

/** Both writers give each case a line. */
async function countCases(file) {
  let cases = 0;
  await eachLine([file], (line) => {
    if (line.includes('<testcase ')) cases += 1;
  });
  return cases;
}

const [way, folder, small, ...files] = process.argv.slice(2);
const pass = PASSES[way];
await pass([small], join(folder, 'small'));
const before = process.cpuUsage();
const { merged, tests, problems = [] } = await pass(files, join(folder, 'output'));
const { user, system } = process.cpuUsage(before);
const seconds = (user + system) / 1e6;
console.log(JSON.stringify({ seconds, tests: merged ? await countCases(merged) : tests, problems }));
