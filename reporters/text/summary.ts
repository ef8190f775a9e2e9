/** What is left to read when a run has ended: what went wrong, why, where to look, what to type next. */
import { join } from 'node:path';
import { type Cause, causesOf } from '../../src/results/causes.ts';
import { formatDuration } from '../../src/results/duration.ts';
import type { CellResult, Phase, RunResult } from '../../src/results/model.ts';
import { COMMAND_SUITE } from '../../src/results/pseudo-suites.ts';
import { cleanText } from '../../src/results/sanitize.ts';
import type { Symptom } from '../../src/results/symptoms.ts';
import {
  allowanceInWords,
  attemptsInWords,
  flakyInWords,
  leadOf,
  symptomTitle,
  whereInWords,
} from './cause.ts';
import { comparisonLines } from './comparison.ts';
import { type Line, type Painted, paint } from './line.ts';
import { recentInWords, unsteadyInWords } from './recent-runs.ts';
import { rerunCommand } from './rerun-command.ts';
import {
  cellsInWords,
  countsInWords,
  isCommandOnly,
  plural,
  shortMessage,
  shownPath,
  testsInWords,
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

/** So many causes are told in full; of the others a line each. */
const FULL = 20;
const SHORT = 100;
const TESTS = 5;
const IDS = 12;
const TAIL_LINES = 10;
const DETAIL_LINES = 5;
/** Phases in which the guest has not been told anything yet: its console says more than its output. */
const BEFORE_COMMANDS = new Set<Phase>(['queue', 'restore', 'boot', 'connect']);

export function summaryLines(result: RunResult, options: SummaryOptions): Line[] {
  const { causes, leftOut } = causesOf(result.cells);
  const telling = { ...options, tailOf: oncePerCell(options.tailOf) };
  const tell: Record<Cause['kind'], (cause: Cause) => Line[]> = {
    failed: (cause) => [...failedLines(cause, telling), ...againLine(cause, result)],
    error: (cause) => [...errorLines(cause, telling), ...againLine(cause, result)],
    flaky: (cause) => flakyLines(cause, telling),
  };
  const sections = (['failed', 'error', 'flaky'] as const).map((kind) => {
    const alike = causes.filter((cause) => cause.kind === kind);
    return { lines: section(alike, tell[kind]), more: Math.max(0, alike.length - FULL - SHORT) };
  });
  const more = sections.reduce((sum, one) => sum + one.more, leftOut);
  return [
    ...sections.flatMap(({ lines }) => lines),
    ...(more > 0 ? [`… and ${more} more: results.json has them all`] : []),
    ...(options.table?.length ? ['', ...options.table] : []),
    ...(result.comparison ? ['', ...comparisonLines(result.comparison)] : []),
    '',
    ...totals(result, options),
  ];
}

/** A cell may have several causes: its last words are told with the first of them that it stands for. */
function oncePerCell(tailOf: SummaryOptions['tailOf']): (cell: CellResult) => string | undefined {
  const told = new Set<CellResult>();
  return (cell) => {
    if (told.has(cell)) return undefined;
    told.add(cell);
    return tailOf?.(cell);
  };
}

/** Each cause begins with its heading; beyond the first ones only that is shown. */
function section(causes: readonly Cause[], tell: (cause: Cause) => Line[]): Line[] {
  const full = causes.slice(0, FULL).flatMap((cause) => ['', ...tell(cause)]);
  const short = causes.slice(FULL, FULL + SHORT).flatMap((cause) => tell(cause).slice(0, 1));
  return [...full, ...(short.length > 0 ? ['', ...short] : [])];
}

function failedLines(cause: Cause, options: SummaryOptions): Line[] {
  return [
    heading(paint('red', 'FAILED'), cause, failedInWords(cause)),
    ...cellLines(cause, options),
    ...testLines(cause, options),
    ...(tellsTail(cause) ? [] : tailLines(4, TAIL_LINES, options.tailOf?.(leadOf(cause)))),
    ...fileLine(cause, ['output', 'console'], options),
    ...(wasCutOff(cause) ? fileLine(cause, ['screen'], options) : []),
  ];
}

function errorLines(cause: Cause, options: SummaryOptions): Line[] {
  const cell = leadOf(cause);
  const [symptom] = cause.symptoms;
  const { phase = 'run', failure = {} } = symptom ?? {};
  const { message = failure.message ?? '', hint, details } = cell.error ?? {};
  const isEarly = BEFORE_COMMANDS.has(phase);
  return [
    heading(paint('magenta', 'ERROR'), cause, symptom ? symptomTitle(symptom) : ''),
    ...cellLines(cause, options),
    ...indent(4, message, options),
    ...(hint === undefined ? [] : indent(4, `hint: ${hint}`, options)),
    ...tailLines(4, DETAIL_LINES, details),
    ...(isEarly ? [] : tailLines(4, TAIL_LINES, options.tailOf?.(cell))),
    ...fileLine(cause, isEarly ? ['console', 'output'] : ['output', 'console'], options),
    ...fileLine(cause, ['screen'], options),
  ];
}

function flakyLines(cause: Cause, options: SummaryOptions): Line[] {
  return [
    heading(paint('yellow', 'FLAKY'), cause, flakyInWords(cause)),
    ...cellLines(cause, options),
    ...cause.symptoms
      .filter(({ test }) => test)
      .slice(0, TESTS)
      .map((symptom) => `    ${symptomTitle(symptom)}`),
    ...moreTests(cause),
  ];
}

/** All of a cell's failing tests, where it has this one cause. */
function failedInWords(cause: Cause): string {
  const { cells, symptoms } = cause;
  const lead = leadOf(cause);
  if (isCommandOnly(lead) || symptoms.every(({ test }) => !test)) return '';
  const isAll = cells.length === 1 && symptoms.length === lead.tests.failed + lead.tests.error;
  return isAll ? testsInWords(lead.tests) : plural(symptoms.length, 'failing test');
}

function heading(word: Painted, { kind, cells }: Cause, detail: string): Line {
  const who = cells.length === 1 ? (cells[0]?.id ?? '') : plural(cells.length, 'cell');
  const attempts = kind === 'flaky' ? '' : attemptsInWords(cells);
  const rest = [who, detail, attempts, allowanceInWords(cells)].filter((text) => text !== '').join('  ');
  return [word, ' '.repeat(8 - word.text.length), rest];
}

/** Which cells those of several are and what they have in common; of a single one, how it fared before. */
function cellLines(cause: Cause, options: SummaryOptions): string[] {
  const { cells } = cause;
  const [only, ...others] = cells;
  if (only && others.length === 0) {
    const unsteady = unsteadyInWords(only);
    return unsteady === undefined ? [] : [`    ${unsteady}`];
  }
  const more = cells.length - IDS;
  const ids = cells.slice(0, IDS).map(({ id }) => id.replaceAll(' ', '\u00a0'));
  const list = ids.join(', ') + (more > 0 ? ` and ${more} more` : '');
  return [
    ...indent(4, list, options).map((line) => line.replaceAll('\u00a0', ' ')),
    ...indent(4, whereInWords(cause), options),
  ];
}

function testLines(cause: Cause, options: SummaryOptions): Line[] {
  return [
    ...cause.symptoms.slice(0, TESTS).flatMap((symptom) => [
      ['    ', paint('bold', symptomTitle(symptom))],
      ...indent(6, shortMessage(symptom.failure), options),
      ...indent(6, recentInWords(symptom.recent, symptom.struck.length), options),
      // Where the command itself is the test, its last words are all there is.
      ...(isCommand(symptom) ? tailLines(6, TAIL_LINES, symptom.failure.text) : []),
    ]),
    ...moreTests(cause),
  ];
}

/** A failing command is a test whose text is the end of its output. */
function tellsTail({ symptoms }: Cause): boolean {
  return symptoms.some(isCommand);
}

/** A command that hung may have waited for somebody at the screen. */
function wasCutOff({ symptoms }: Cause): boolean {
  return symptoms.some(({ failure }) => failure.type === 'vmtest.timeout');
}

function isCommand({ test }: Symptom): boolean {
  return test?.suite === COMMAND_SUITE;
}

function tailLines(columns: number, count: number, text = ''): string[] {
  const lines = cleanText(text).trimEnd().split('\n').slice(-count);
  return lines.every((line) => line === '') ? [] : lines.map((line) => `${' '.repeat(columns)}| ${line}`);
}

function moreTests({ symptoms }: Cause): string[] {
  const more = symptoms.length - TESTS;
  return more > 0 ? [`    … and ${plural(more, 'more test', 'more tests')}`] : [];
}

/** Where to look: the first of these that is there. */
function fileLine(
  cause: Cause,
  kinds: readonly ('output' | 'console' | 'screen')[],
  { output, cwd }: SummaryOptions,
): string[] {
  const { files } = leadOf(cause);
  const kind = kinds.find((one) => files[one] !== undefined);
  if (kind === undefined) return [];
  const file = files[kind] ?? '';
  // Cells of a clean state that could not be made share what there is to see of it.
  const isShared = cause.cells.every(({ files: own }) => own[kind] === file);
  const others = isShared ? '' : '  (each cell has its own)';
  return [`    ${kind}: ${shownPath(join(output, file), cwd)}${others}`];
}

/** The command for one of its cells. Where they are all that is to be run again, the totals have it. */
function againLine(cause: Cause, { run, cells: all }: RunResult): string[] {
  const lead = leadOf(cause);
  if (lead.allowedToFail || toRunAgain(all).length === cause.cells.length) return [];
  const again = rerunCommand([lead], all, run.matrix);
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
    `cells    ${cellsInWords(result)}`,
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
