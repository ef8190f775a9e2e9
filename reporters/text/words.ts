/** Small phrases that several reporters share. */
import { relative } from 'node:path';
import { cutEnd } from '../../src/results/bounded-text.ts';
import type {
  CellCounts,
  CellResult,
  RunResult,
  TestCase,
  TestCounts,
  TestFailure,
  TestSuite,
} from '../../src/results/model.ts';
import { COMMAND_SUITE } from '../../src/results/pseudo-suites.ts';
import { firstLine } from '../../src/results/sanitize.ts';

const MESSAGE = 300;

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `5: 3 passed, 1 failed, 1 with errors`: the parts that are not zero. */
export function countsInWords({ total, error, ...others }: TestCounts | CellCounts): string {
  const parts = Object.entries({ ...others, 'with errors': error })
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  return parts.length === 0 ? String(total) : `${total}: ${parts.join(', ')}`;
}

/** The same of cells, with how many of them took more than one attempt, however they ended. */
export function cellsInWords({ summary, cells }: Pick<RunResult, 'summary' | 'cells'>): string {
  const again = cells.filter(({ attempts }) => attempts.length > 1).length;
  return countsInWords(summary.cells) + (again === 0 ? '' : ` (${again} tried again)`);
}

/** `14 tests`, `2 of 14 tests failed`. */
export function testsInWords({ total, failed, error }: TestCounts): string {
  const bad = failed + error;
  return bad === 0 ? plural(total, 'test') : `${bad} of ${plural(total, 'test')} failed`;
}

/** True when the exit code of the command was all there was to judge by. */
export function isCommandOnly({ suites }: Pick<CellResult, 'suites'>): boolean {
  return suites.every(({ name }) => name === COMMAND_SUITE);
}

/** How long the cell kept a machine busy, over all attempts; waiting for its turn is left out. */
export function activeTime({ timings }: Pick<CellResult, 'timings'>): number {
  const { queue = 0, ...phases } = timings;
  return Object.values(phases).reduce((sum, ms) => sum + ms, 0);
}

/** `class > name`, or `suite > name` where there is no class; what the name repeats is left out. */
export function testTitle(
  suite: Pick<TestSuite, 'name'>,
  { classname, name, file, line }: Pick<TestCase, 'classname' | 'name' | 'file' | 'line'>,
): string {
  const group = suite.name === COMMAND_SUITE ? '' : classname || suite.name;
  const title = group === '' || name.startsWith(group) ? name : `${group} > ${name}`;
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
  return title + place;
}

export function shortMessage({ message, text }: TestFailure): string {
  return cutEnd(firstLine(message ?? text ?? ''), MESSAGE);
}

/** A path as somebody standing in `cwd` would type it. What lies outside stays absolute. */
export function shownPath(path: string, cwd: string): string {
  const below = relative(cwd, path);
  if (below === '') return '.';
  return below.startsWith('..') ? path : below;
}
