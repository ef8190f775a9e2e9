/** The table in docs/ci.md, counted from what the viewers' rules make of one run. */
import { countsInWords, plural } from '../../reporters/text/words.ts';
import type { RunResult, TestCounts } from '../../src/results/model.ts';
import type { SeenJob } from './github.ts';
import { isRed, type Seen, type SeenTest } from './viewer.ts';
import type { View } from './views.ts';

const HEAD = [
  ...['viewer (tells tests apart by)', 'fed', 'tests', 'passed', 'failed', 'errored', 'skipped', 'flaky'],
  ...['alike across cells', 'alike in a cell', 'cut', 'with attachments', 'files not read', 'the whole'],
];
const UNKNOWN = '–';

export function viewersTable(
  { summary, run, cells }: RunResult,
  views: readonly View[],
  job: SeenJob,
): string {
  const { total, passed, failed, error, skipped } = summary.tests;
  const flaky = cells
    .flatMap(({ suites }) => suites.flatMap((suite) => suite.cases))
    .filter(({ status, reruns = [] }) => status === 'passed' && reruns.length > 0).length;
  const truth = ['**the run itself**', '', total, passed, failed, error, skipped, flaky];
  const rows = [
    [...truth, ...HEAD.slice(truth.length + 1).map(() => ''), run.exitCode === 0 ? 'green' : 'red'],
    ...views.map(viewRow),
    jobRow(summary.tests, job),
  ];
  return [HEAD, HEAD.map((_, at) => (at < 2 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

function viewRow({ viewer, options, per, seen }: View): (string | number)[] {
  const { tests, refused } = seen;
  const count = (wanted: (test: SeenTest) => boolean) => tests.filter(wanted).length;
  const hasErrors = tests.some(({ outcome }) => outcome === 'error');
  const isCut = options.includes('--junit-max-bytes');
  const file = per === 'cell' ? 'cells/*/junit.xml' : isCut ? 'junit*.xml' : 'junit.xml';
  return [
    `${viewer.name} (${viewer.tellsApart})`,
    [`\`${file}\``, ...(options.length > 0 ? [`\`${options.join(' ')}\``] : [])].join(' '),
    tests.length,
    ...(['passed', 'failed'] as const).map((wanted) => count(({ outcome }) => outcome === wanted)),
    hasErrors ? count(({ outcome }) => outcome === 'error') : UNKNOWN,
    count(({ outcome }) => outcome === 'skipped'),
    count(({ isFlaky }) => isFlaky) || UNKNOWN,
    ...Object.values(sharedKeys(seen)),
    count(({ isCut }) => isCut),
    count(({ attachments }) => attachments > 0),
    refused.length,
    isRed(seen) ? 'red' : '**green**',
  ];
}

/** How many tests the viewer cannot tell from one of another cell, or from another of their own cell. */
export function sharedKeys({ tests, hidden }: Seen): { acrossCells: number; withinCell: number } {
  const cells = new Map<string, Map<string, number>>();
  for (const { key, cell } of [...tests, ...hidden]) {
    const known = cells.get(key) ?? new Map<string, number>();
    cells.set(key, known.set(cell, (known.get(cell) ?? 0) + 1));
  }
  const sum = (wanted: (known: Map<string, number>) => number) =>
    [...cells.values()].reduce((all, known) => all + wanted(known), 0);
  return {
    acrossCells: sum((known) => (known.size > 1 ? [...known.values()].reduce((a, b) => a + b) : 0)),
    withinCell: sum((known) => [...known.values()].filter((times) => times > 1).reduce((a, b) => a + b, 0)),
  };
}

/** GitHub is told numbers, not tests: those are in the summary when it says them. */
function jobRow(tests: TestCounts, { annotations, dropped, summary }: SeenJob): (string | number)[] {
  const isTold = summary.includes(`Tests ${countsInWords(tests)}.`);
  const { total, passed, failed, error, skipped } = tests;
  const counts = isTold ? [total, passed, failed, error, skipped] : [0, 0, 0, 0, 0];
  const flaky = annotations.filter(({ title }) => title.startsWith('flaky')).length;
  const errors = annotations.filter(({ level }) => level === 'error').length;
  return [
    'GitHub',
    `\`-r github\`: ${plural(annotations.length, 'annotation')} (${dropped} dropped), a summary`,
    ...counts,
    flaky,
    ...['', '', annotations.filter(({ isCut }) => isCut).length, '', ''],
    errors > 0 ? 'red' : '**green**',
  ];
}
