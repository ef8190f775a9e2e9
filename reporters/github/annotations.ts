/**
 * A step shows ten errors and ten warnings and drops the rest silently, so there is one for each distinct failure, with
 * the cells it struck, the most widespread first.
 */
import type { CellResult, RunResult, TestCase, TestSuite } from '../../src/results/model.ts';
import { type CellGroup, groupErrors, groupFailed, groupFlaky, isFlaky } from '../text/groups.ts';
import { rerunCommand } from '../text/rerun-command.ts';
import { plural, shortMessage, testTitle } from '../text/words.ts';
import type { Annotation, Level } from './commands.ts';

/** GitHub's limit per step and level (actions/toolkit, docs/problem-matchers.md). */
const MOST = 10;
const CELLS = 12;
const TEXT = 2_000;

export function annotationsOf(result: RunResult): Annotation[] {
  const { cells } = result;
  const failed = groupFailed(cells.filter(({ outcome }) => outcome === 'failed'));
  const broken = groupErrors(cells.filter(({ outcome }) => outcome === 'error'));
  const flaky = groupFlaky(cells.filter(isFlaky));
  const told = [
    ...distinctFailures(failed).map((failure) => failureAnnotation(failure, result)),
    ...broken.map((group) => errorAnnotation(group, result)),
    ...flaky.map((group) => flakyAnnotation(group)),
  ].sort((a, b) => b.cells - a.cells);
  return [...atMost(told, 'error'), ...atMost(told, 'warning')];
}

interface Told extends Annotation {
  cells: number;
}

interface Failure {
  suite: TestSuite;
  testCase: TestCase;
  cells: CellResult[];
}

/** The last of too many says how many there are. */
function atMost(all: readonly Told[], level: Level): Annotation[] {
  const told = all.filter((one) => one.level === level).map(({ cells: _cells, ...annotation }) => annotation);
  if (told.length <= MOST) return told;
  const more = told.length - MOST + 1;
  const rest: Annotation = {
    level,
    title: `vmtest: ${more} more`,
    message: `${more} more distinct ${level === 'error' ? 'failures' : 'warnings'}: see the job summary.`,
  };
  return [...told.slice(0, MOST - 1), rest];
}

/** Groups of cells share all their failing tests; here one test that fails in several groups is one failure. */
function distinctFailures(groups: readonly CellGroup[]): Failure[] {
  const failures = new Map<string, Failure>();
  for (const { cells, tests } of groups) {
    for (const { suite, testCase } of tests) {
      const level = levelOf(cells[0]);
      const key = JSON.stringify([level, suite.name, testCase.classname, testCase.name, messageOf(testCase)]);
      const known = failures.get(key);
      if (known) known.cells.push(...cells);
      else failures.set(key, { suite, testCase, cells: [...cells] });
    }
  }
  return [...failures.values()];
}

function failureAnnotation({ suite, testCase, cells }: Failure, result: RunResult): Told {
  const text = testCase.failures?.[0]?.text ?? '';
  // The place is told apart from the title.
  const { file: _file, line: _line, ...named } = testCase;
  return {
    level: levelOf(cells[0]),
    cells: cells.length,
    title: `${testTitle(suite, named)} (${plural(cells.length, 'cell')})`,
    message: [messageOf(testCase), text.slice(0, TEXT), cellsInWords(cells), again(cells, result)]
      .filter((part) => part !== '')
      .join('\n'),
    ...placeOf(testCase),
  };
}

function errorAnnotation({ cells }: CellGroup, result: RunResult): Told {
  const [first] = cells;
  const { phase = 'run', error } = first;
  return {
    level: levelOf(first),
    cells: cells.length,
    title: `${phase}: ${error?.code ?? 'UNKNOWN'} (${plural(cells.length, 'cell')})`,
    message: [error?.message, error?.hint && `hint: ${error.hint}`, cellsInWords(cells), again(cells, result)]
      .filter(Boolean)
      .join('\n'),
  };
}

function flakyAnnotation({ cells, tests }: CellGroup): Told {
  const names = tests.map(({ suite, testCase }) => testTitle(suite, testCase));
  return {
    level: 'warning',
    cells: cells.length,
    title: `flaky (${plural(cells.length, 'cell')})`,
    message: [...names.slice(0, CELLS), cellsInWords(cells)].join('\n'),
  };
}

function levelOf(cell: CellResult | undefined): Level {
  return cell?.allowedToFail ? 'warning' : 'error';
}

function messageOf({ failures }: TestCase): string {
  return shortMessage(failures?.[0] ?? {});
}

function cellsInWords(cells: readonly CellResult[]): string {
  const more = cells.length - CELLS;
  return `cells: ${cells
    .slice(0, CELLS)
    .map(({ id }) => id)
    .join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function again(cells: readonly CellResult[], { run, cells: all }: RunResult): string {
  const command = rerunCommand(cells, all, run.matrix);
  return command === undefined ? '' : `again: ${command}`;
}

/** Only what can be a file of the repository: a path in the guest would point nowhere. */
function placeOf({ file, line }: TestCase): Pick<Annotation, 'file' | 'line'> {
  if (file === undefined || /^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(file)) return {};
  return { file: file.replaceAll('\\', '/').replace(/^\.\//, ''), ...(line === undefined ? {} : { line }) };
}
