/** What is left to read when a run has ended: what went wrong, why, where to look, what to type next. */
import { join } from 'node:path';
import { formatDuration } from '../../src/results/duration.ts';
import type { CellResult, Phase, RunResult } from '../../src/results/model.ts';
import { COMMAND_SUITE } from '../../src/results/pseudo-suites.ts';
import { cleanText } from '../../src/results/sanitize.ts';
import { comparisonLines } from './comparison.ts';
import { type CellGroup, groupErrors, groupFailed, groupFlaky, isFlaky } from './groups.ts';
import { type Line, type Painted, paint } from './line.ts';
import { unsteadyInWords } from './recent-runs.ts';
import { rerunCommand } from './rerun-command.ts';
import {
  countsInWords,
  isCommandOnly,
  plural,
  shortMessage,
  shownPath,
  testsInWords,
  testTitle,
} from './words.ts';
import { wrapText } from './wrap.ts';

export interface SummaryOptions {
  /** Columns to wrap prose at. */
  width: number;
  /** The output folder, absolute. */
  output: string;
  cwd: string;
  /** Told between the stories and the totals. Default: nothing. */
  table?: readonly Line[];
  /** The last words of a cell whose test command spoke. Default: only what its results hold. */
  tailOf?(cell: CellResult): string | undefined;
}

/** So many stories are told in full; of the others a line each. */
const FULL_GROUPS = 20;
const SHORT_GROUPS = 100;
const TESTS = 5;
const IDS = 12;
const TAIL_LINES = 10;
const DETAIL_LINES = 5;
/** Phases in which the guest has not been told anything yet: its console says more than its output. */
const BEFORE_COMMANDS = new Set<Phase>(['queue', 'restore', 'boot', 'connect']);

export function summaryLines(result: RunResult, options: SummaryOptions): Line[] {
  const { cells } = result;
  const again = (group: CellGroup) => againLine(group, result);
  const failed = groupFailed(cells.filter(({ outcome }) => outcome === 'failed'));
  const errors = groupErrors(cells.filter(({ outcome }) => outcome === 'error'));
  const flaky = groupFlaky(cells.filter(isFlaky));
  return [
    ...section(failed, (group) => [...failedLines(group, options), ...again(group)]),
    ...section(errors, (group) => [...errorLines(group, options), ...again(group)]),
    ...section(flaky, (group) => flakyLines(group, options)),
    ...(options.table?.length ? ['', ...options.table] : []),
    ...(result.comparison ? ['', ...comparisonLines(result.comparison)] : []),
    '',
    ...totals(result, options),
  ];
}

/** Each group begins with its heading; beyond the first ones only that is shown. */
function section(groups: readonly CellGroup[], tell: (group: CellGroup) => Line[]): Line[] {
  const full = groups.slice(0, FULL_GROUPS).flatMap((group) => ['', ...tell(group)]);
  const short = groups
    .slice(FULL_GROUPS, FULL_GROUPS + SHORT_GROUPS)
    .flatMap((group) => tell(group).slice(0, 1));
  const more = groups.length - FULL_GROUPS - SHORT_GROUPS;
  return [
    ...full,
    ...(short.length > 0 ? ['', ...short] : []),
    ...(more > 0 ? [`… and ${more} more: results.json has them all`] : []),
  ];
}

function failedLines(group: CellGroup, options: SummaryOptions): Line[] {
  const [cell] = group.cells;
  const detail = isCommandOnly(cell)
    ? ''
    : group.cells.length === 1
      ? testsInWords(cell.tests)
      : plural(group.tests.length, 'failing test');
  return [
    heading(paint('red', 'FAILED'), group, detail),
    ...idLines(group, options),
    ...unsteadyLines(group),
    ...testLines(group, options),
    ...(tellsTail(group) ? [] : tailLines(4, TAIL_LINES, options.tailOf?.(cell))),
    ...fileLine(group, ['output', 'console'], options),
  ];
}

function errorLines(group: CellGroup, options: SummaryOptions): Line[] {
  const [cell] = group.cells;
  const { phase = 'run', error } = cell;
  return [
    heading(paint('magenta', 'ERROR'), group, `${phase}: ${error?.code ?? 'UNKNOWN'}`),
    ...idLines(group, options),
    ...unsteadyLines(group),
    ...indent(4, error?.message ?? '', options),
    ...(error?.hint === undefined ? [] : indent(4, `hint: ${error.hint}`, options)),
    ...tailLines(4, DETAIL_LINES, error?.details),
    ...(BEFORE_COMMANDS.has(phase) ? [] : tailLines(4, TAIL_LINES, options.tailOf?.(cell))),
    ...fileLine(group, BEFORE_COMMANDS.has(phase) ? ['console', 'output'] : ['output', 'console'], options),
  ];
}

function flakyLines(group: CellGroup, options: SummaryOptions): Line[] {
  const [{ attempts }] = group.cells;
  const detail =
    attempts.length > 1 ? `passed on attempt ${attempts.length}` : plural(group.tests.length, 'flaky test');
  return [
    heading(paint('yellow', 'FLAKY'), group, detail),
    ...idLines(group, options),
    ...group.tests.slice(0, TESTS).map(({ suite, testCase }) => `    ${testTitle(suite, testCase)}`),
    ...moreTests(group),
  ];
}

function heading(word: Painted, { cells }: CellGroup, detail: string): Line {
  const [first] = cells;
  const who = cells.length === 1 ? first.id : plural(cells.length, 'cell');
  const allowed = first.allowedToFail ? 'allowed to fail' : '';
  const rest = [who, detail, allowed].filter((text) => text !== '').join('  ');
  return [word, ' '.repeat(8 - word.text.length), rest];
}

/** The cells of a group of several. */
function idLines({ cells }: CellGroup, options: SummaryOptions): string[] {
  if (cells.length === 1) return [];
  const more = cells.length - IDS;
  const ids = cells.slice(0, IDS).map(({ id }) => id.replaceAll(' ', '\u00a0'));
  const list = ids.join(', ') + (more > 0 ? ` and ${more} more` : '');
  return indent(4, list, options).map((line) => line.replaceAll('\u00a0', ' '));
}

function unsteadyLines({ cells }: CellGroup): string[] {
  const told = cells.length === 1 ? unsteadyInWords(cells[0]) : undefined;
  return told === undefined ? [] : [`    ${told}`];
}

function testLines(group: CellGroup, options: SummaryOptions): Line[] {
  return [
    ...group.tests.slice(0, TESTS).flatMap(({ suite, testCase }) => {
      const failure = testCase.failures?.[0] ?? {};
      return [
        ['    ', paint('bold', testTitle(suite, testCase))],
        ...indent(6, shortMessage(failure), options),
        // Where the command itself is the test, its last words are all there is.
        ...(suite.name === COMMAND_SUITE ? tailLines(6, TAIL_LINES, failure.text) : []),
      ];
    }),
    ...moreTests(group),
  ];
}

/** A failing command is a test whose text is the end of its output. */
function tellsTail({ tests }: CellGroup): boolean {
  return tests.some(({ suite }) => suite.name === COMMAND_SUITE);
}

function tailLines(columns: number, count: number, text = ''): string[] {
  const lines = cleanText(text).trimEnd().split('\n').slice(-count);
  return lines.every((line) => line === '') ? [] : lines.map((line) => `${' '.repeat(columns)}| ${line}`);
}

function moreTests({ tests }: CellGroup): string[] {
  return tests.length > TESTS ? [`    … and ${plural(tests.length - TESTS, 'more test', 'more tests')}`] : [];
}

/** Where to look: the first of these that is there. */
function fileLine(
  { cells }: CellGroup,
  kinds: readonly ('output' | 'console')[],
  { output, cwd }: SummaryOptions,
): string[] {
  const [{ files }] = cells;
  const kind = kinds.find((one) => files[one] !== undefined);
  const file = kind && files[kind];
  if (file === undefined) return [];
  const others = cells.length > 1 ? '  (each cell has its own)' : '';
  return [`    ${kind}: ${shownPath(join(output, file), cwd)}${others}`];
}

/** The command for this group alone, or for one of its cells. Where it is the only one, the totals have it. */
function againLine({ cells }: CellGroup, { run, cells: all }: RunResult): string[] {
  const [first] = cells;
  if (first.allowedToFail || toRunAgain(all).length === cells.length) return [];
  const again = rerunCommand([first], all, run.matrix);
  return again === undefined ? [] : [`    again: ${again}`];
}

function indent(columns: number, text: string, { width }: SummaryOptions): string[] {
  if (text === '') return [];
  return wrapText(text, width - columns).map((line) => ' '.repeat(columns) + line);
}

function totals(result: RunResult, options: SummaryOptions): Line[] {
  const { run, summary, cells } = result;
  const again = rerunCommand(toRunAgain(cells), cells, run.matrix);
  return [
    `cells    ${countsInWords(summary.cells)}`,
    `tests    ${countsInWords(summary.tests)}`,
    `time     ${formatDuration(Date.parse(run.finished) - Date.parse(run.started))}`,
    `results  ${shownPath(options.output, options.cwd)}`,
    ...(again === undefined ? [] : [`again    ${again}`]),
    verdictLine(result),
  ];
}

function toRunAgain(cells: readonly CellResult[]): CellResult[] {
  return cells.filter(
    ({ outcome, allowedToFail }) =>
      !allowedToFail && (outcome === 'failed' || outcome === 'error' || outcome === 'cancelled'),
  );
}

function verdictLine({ run }: RunResult): Line {
  const { exitCode, outcome } = run;
  const word = paint(exitCode === 0 ? 'green' : 'red', outcome.toUpperCase());
  return exitCode === 0 ? [word] : [word, `  exit code ${exitCode}`];
}
