/** Every test against every cell, as one letter each. */
import type { CellResult, TestCase, TestSuite } from '../../src/results/model.ts';
import { COMMAND_SUITE, isErrorCase } from '../../src/results/pseudo-suites.ts';
import { LIMITS } from './limits.ts';
import type { TestRow, TestTable } from './page-data.ts';
import { shownLine } from './shown-text.ts';

/** Of several cases with the same names in one cell the first of these stands. */
const MARKS = 'efyps-';

interface Row {
  suite: TestSuite;
  testCase: TestCase;
  /** Cells in which it did not pass at once. */
  bad: number;
  slowest: number;
  marks: string[];
}

export function testTable(cells: readonly CellResult[]): TestTable {
  const rows = new Map<string, Row>();
  visit(cells, (key, suite, testCase) => {
    const row = rows.get(key) ?? { suite, testCase, bad: 0, slowest: 0, marks: [] };
    rows.set(key, row);
    if (MARKS.indexOf(markOf(testCase)) < 3) row.bad += 1;
    row.slowest = Math.max(row.slowest, testCase.duration ?? 0);
  });
  const most = Math.min(LIMITS.testRows, Math.floor(LIMITS.marks / Math.max(1, cells.length)));
  const ranked = [...rows.entries()].toSorted(([, a], [, b]) => b.bad - a.bad).slice(0, most);
  const chosen = new Map(ranked);
  for (const row of chosen.values()) row.marks = cells.map(() => '-');
  visit(cells, (key, _suite, testCase, place) => {
    const marks = chosen.get(key)?.marks;
    const mark = markOf(testCase);
    if (marks && MARKS.indexOf(mark) < MARKS.indexOf(marks[place] ?? '-')) marks[place] = mark;
  });
  return { rows: [...chosen.values()].map(toRow), leftOut: rows.size - chosen.size };
}

function visit(
  cells: readonly CellResult[],
  look: (key: string, suite: TestSuite, testCase: TestCase, place: number) => void,
): void {
  cells.forEach(({ suites, error }, place) => {
    for (const suite of suites) {
      for (const testCase of suite.cases) {
        if (error && isErrorCase(testCase)) continue;
        look(`${suite.name}\0${testCase.classname ?? ''}\0${testCase.name}`, suite, testCase, place);
      }
    }
  });
}

function markOf({ status, reruns }: TestCase): string {
  return status === 'passed' && reruns?.length ? 'y' : (status[0] as string);
}

function toRow({ suite, testCase: { name, classname }, slowest, marks }: Row): TestRow {
  const group = suite.name === COMMAND_SUITE ? '' : classname || suite.name;
  return {
    group: shownLine(group, LIMITS.name),
    name: shownLine(name, LIMITS.name) || '(no name)',
    marks: marks.join(''),
    slowest: Math.round(slowest),
  };
}
