/** The job summary: Markdown in as much detail as GitHub takes. A file that is too large would be dropped whole. */
import { type Cause, causesOf } from '../../src/results/causes.ts';
import { formatDuration } from '../../src/results/duration.ts';
import type { CellResult, Outcome, RunResult } from '../../src/results/model.ts';
import { allowanceInWords, attemptsInWords, leadOf, symptomTitle, whereInWords } from '../text/cause.ts';
import { axesOf, gridOf } from '../text/grid.ts';
import { recentInWords } from '../text/recent-runs.ts';
import { rerunCommand } from '../text/rerun-command.ts';
import { cellsInWords, countsInWords, plural, shortMessage } from '../text/words.ts';
import { comparisonMarkdown } from './comparison.ts';
import { codeBlock, inline } from './markdown.ts';

const SIGNS: Record<Outcome, string> = {
  passed: '✅',
  failed: '❌',
  error: '💥',
  flaky: '🔁',
  skipped: '⏭️',
  cancelled: '🚫',
};
/** Wider tables are cut off by the page. */
const COLUMNS = 20;
const ROWS = 500;
const CELLS = 20;
const TESTS = 20;
const CHANGES = 20;

/**
 * The most that fits into so many bytes of UTF-8: everything, without the table, without details, or the totals alone;
 * empty when not even those do.
 */
export function summaryMarkdown(result: RunResult, budget: number): string {
  const changes = (most: number) => (result.comparison ? comparisonMarkdown(result.comparison, most) : '');
  const levels = [
    () => [head(result), table(result), changes(CHANGES), stories(result, true)],
    () => [head(result), changes(CHANGES), stories(result, true), shortened('The table is')],
    () => [head(result), changes(CHANGES), stories(result, false), shortened('The details are')],
    () => [head(result), changes(0), shortened('All but the totals is')],
    () => [head(result)],
  ];
  for (const level of levels) {
    const text = `${level()
      .filter((part) => part !== '')
      .join('\n\n')}\n\n`;
    if (Buffer.byteLength(text) <= budget) return text;
  }
  return '';
}

function shortened(what: string): string {
  return `*${what} left out: GitHub takes no more. The other reports have it.*`;
}

function head(result: RunResult): string {
  const { run, summary } = result;
  const name = run.matrix === undefined ? '' : ` ${inline(run.matrix)}`;
  const shard = run.shard === undefined ? '' : ` (shard ${run.shard})`;
  const time = formatDuration(Date.parse(run.finished) - Date.parse(run.started));
  return [
    `## ${SIGNS[run.outcome]} vmtest${name}${shard}: ${run.outcome}`,
    '',
    `${plural(summary.cells.total, 'cell')} in ${time}. Cells ${cellsInWords(result)}. Tests ${countsInWords(summary.tests)}.`,
  ].join('\n');
}

/** Targets downwards, the last axis across; the others beside the target. */
function table({ cells }: RunResult): string {
  if (cells.length < 2) return '';
  const across = axesOf(cells).slice(-1);
  const wide = gridOf(cells, across);
  const grid = wide.columns.length > COLUMNS ? gridOf(cells, []) : wide;
  if (grid.rows.length > ROWS) return '';
  const [axis] = grid.across;
  const titles = grid.columns.map(([value]) => (axis === undefined ? '' : inline(`${axis}=${value}`)));
  const head = ['target', ...grid.beside.map(inline), ...titles];
  const rows = grid.rows.map(({ target, values, places }) => [
    inline(target),
    ...values.map(inline),
    ...places.map((place) => place.map(({ outcome }) => SIGNS[outcome]).join(' ')),
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function stories(result: RunResult, details: boolean): string {
  const { causes, leftOut } = causesOf(result.cells);
  return [
    ...causes.map((cause) => story(cause, result, details ? TELL[cause.kind](cause) : [])),
    ...(leftOut > 0 ? [`… and ${plural(leftOut, 'more cause')}`] : []),
  ].join('\n\n');
}

const TELL: Record<Cause['kind'], (cause: Cause) => string[]> = {
  failed: failureText,
  error: errorText,
  flaky: flakyText,
};

function story(cause: Cause, result: RunResult, inside: readonly string[]): string {
  const { kind, cells, symptoms } = cause;
  const [first] = symptoms;
  const title = [
    `${SIGNS[kind]} ${cells.length === 1 ? inline(cells[0]?.id ?? '') : plural(cells.length, 'cell')}`,
    kind === 'error' && first ? inline(symptomTitle(first)) : plural(symptoms.length, 'test'),
    inline(whereInWords(cause)),
    attemptsInWords(cells),
    allowanceInWords(cells),
  ].filter((part) => part !== '');
  const body = [idsOf(cells), ...inside, againOf(cells, result)].filter((part) => part !== '');
  return `<details><summary>${title.join(', ')}</summary>\n\n${body.join('\n\n')}\n\n</details>`;
}

function failureText({ symptoms }: Cause): string[] {
  const more = symptoms.length - TESTS;
  return [
    ...symptoms.slice(0, TESTS).flatMap((symptom) => {
      const { text = '' } = symptom.failure;
      const before = recentInWords(symptom.recent, symptom.struck.length);
      return [
        `**${inline(symptomTitle(symptom))}**: ${inline(shortMessage(symptom.failure))}${before === '' ? '' : ` (${before})`}`,
        ...(text === '' ? [] : [codeBlock(text)]),
      ];
    }),
    ...(more > 0 ? [`… and ${plural(more, 'more test', 'more tests')}`] : []),
  ];
}

function flakyText({ symptoms }: Cause): string[] {
  const names = symptoms.slice(0, TESTS).map((symptom) => `- ${inline(symptomTitle(symptom))}`);
  const more = symptoms.length > TESTS ? [`- … and ${symptoms.length - TESTS} more`] : [];
  return [[...names, ...more].join('\n')];
}

function errorText(cause: Cause): string[] {
  const { message = cause.symptoms[0]?.failure.message ?? '', hint, details } = leadOf(cause).error ?? {};
  return [
    inline(message),
    ...(hint === undefined ? [] : [`hint: ${inline(hint)}`]),
    ...(details === undefined || details === '' ? [] : [codeBlock(details)]),
  ];
}

function idsOf(cells: readonly CellResult[]): string {
  if (cells.length === 1) return '';
  const more = cells.length - CELLS;
  const ids = cells.slice(0, CELLS).map(({ id }) => inline(id));
  return ids.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function againOf(cells: readonly CellResult[], { run, cells: all }: RunResult): string {
  const again = rerunCommand(cells, all, run.matrix);
  return again === undefined ? '' : codeBlock(again);
}
