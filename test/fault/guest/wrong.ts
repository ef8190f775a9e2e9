/** What a run says of guests that misbehave, against what it should say. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CellResult, RunResult } from '../../../src/results/model.ts';
import { junitProblems, readResults, schemaProblems } from '../kill-points/verdicts.ts';
import { ESCAPED } from './archives.ts';
import type { Expected } from './expected.ts';
import { type Cell, type Choice, expectedBy, kindOf } from './matrix.ts';
import type { Ended } from './vmtest.ts';

/** Bytes, of vmtest's own process. */
const MOST_MEMORY = 512 * 1024 ** 2;
/** Of any phase, in milliseconds: the longest `test.timeout` of a fault. */
const LONGEST_PHASE = 3_600_000;
/** Characters of output.log. */
const MOST_OUTPUT = 66 * 1024 ** 2;

export interface Run extends Choice {
  project: string;
  cells: readonly Cell[];
  ended: Ended;
}

export async function wrongInRun(run: Run): Promise<{ result: RunResult; wrong: string[] }> {
  const { project, cells, ended } = run;
  const output = join(project, 'vmtest-results');
  const result = await readResults(project);
  if (!result) throw new Error(`the run ended with ${ended.exitCode}: ${ended.output}`);
  const wrong = schemaProblems(result);
  if (result.cells.length !== cells.length) wrong.push(`${result.cells.length} cells of ${cells.length}`);
  if (ended.exitCode !== result.run.exitCode) wrong.push(`it ended with ${ended.exitCode}: ${ended.output}`);
  wrong.push(...(await junitProblems(result, project)));
  wrong.push(...(await escaped(project)));
  if (ended.peakBytes > MOST_MEMORY) wrong.push(`vmtest took ${ended.peakBytes} bytes of memory`);
  for (const cell of result.cells) {
    const fault = run.faults[cell.values['fault'] ?? ''];
    if (!fault) throw new Error(`unknown cell ${cell.id}`);
    const log = join(output, 'cells', cell.slug, 'output.log');
    const printed = await readFile(log, 'utf8').catch(() => '');
    const problems = wrongInCell(cell, expectedBy(fault, kindOf(run.targets, cell.target)), printed);
    wrong.push(...problems.map((problem) => `${cell.target}: ${cell.values['fault']}: ${problem}`));
  }
  return { result, wrong };
}

function wrongInCell(cell: CellResult, expected: Expected, printed: string): string[] {
  const last = cell.attempts.at(-1);
  const said = wordsOf(cell);
  const shown = said.slice(0, 1_000);
  const one = (actual: unknown, allowed: unknown) =>
    allowed === undefined || (Array.isArray(allowed) ? allowed.includes(actual) : actual === allowed);
  const differences = [
    ['outcome', cell.outcome, expected.outcome],
    ['code', cell.error?.code, expected.code],
    ['phase', cell.phase, expected.phase],
    ['exit code', last?.exitCode, expected.exitCode],
    ['signal', last?.signal, expected.signal],
  ].filter(([, actual, allowed]) => !one(actual, allowed));
  return [
    ...differences.map(([what, actual, allowed]) => `${what} is ${actual}, not ${allowed}: ${shown}`),
    ...(expected.says === undefined || expected.says.test(said)
      ? []
      : [`does not say ${expected.says}: ${shown}`]),
    ...(expected.prints === undefined || expected.prints.test(printed)
      ? []
      : [`output.log does not hold ${expected.prints}: ${printed.slice(-200)}`]),
    ...(printed.length > MOST_OUTPUT ? [`output.log has ${printed.length} characters`] : []),
    // What nobody had fetched is lost with a command that did not end by itself.
    ...(printed.startsWith('started\n') || last?.exitCode === undefined
      ? []
      : [`output.log begins with ${JSON.stringify(printed.slice(0, 80))}`]),
    ...timesOf(cell),
  ];
}

/** All that a person reads of a cell. */
function wordsOf({ error, suites, notes }: CellResult): string {
  const failures = suites.flatMap(({ cases }) => cases.flatMap((each) => each.failures ?? []));
  return [
    error && [error.code, error.message, error.hint, error.details],
    failures.map(({ message, text }) => [message, text]),
    notes,
  ]
    .flat(3)
    .filter(Boolean)
    .join('\n');
}

/** Clocks of guests have no say in how long anything took. */
function timesOf({ timings }: CellResult): string[] {
  return Object.entries(timings)
    .filter(([, ms]) => ms < 0 || ms > LONGEST_PHASE)
    .map(([phase, ms]) => `${phase} took ${ms} ms`);
}

/** Whatever a guest sent that is neither file nor folder, or lies where it should not. */
async function escaped(project: string): Promise<string[]> {
  const entries = await readdir(project, { recursive: true, withFileTypes: true });
  const odd = entries
    .filter((entry) => !entry.isFile() && !entry.isDirectory())
    .map((entry) => `not a file: ${join(entry.parentPath, entry.name)}`);
  const named = entries
    .filter(({ name }) => name === ESCAPED)
    .map((entry) => join(entry.parentPath, entry.name));
  const outside = await lstat(join('/tmp', ESCAPED)).then(
    () => [join('/tmp', ESCAPED)],
    () => [],
  );
  return [...odd, ...[...named, ...outside].map((path) => `escaped: ${path}`)];
}
