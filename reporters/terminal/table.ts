/** The summary as a table: a sign a cell, targets downwards and as many axes across as the screen has room for. */
import type { CellResult, Outcome } from '../../src/results/model.ts';
import { axesOf, type Grid, type GridRow, gridOf } from '../text/grid.ts';
import { type Line, type Painted, paint } from '../text/line.ts';
import { OUTCOME_PAINT } from '../text/outcome.ts';
import { displayWidth, padToWidth, screenText } from '../text/width.ts';
import type { Signs } from './look.ts';

/** A longer table is read by nobody: of its rows only those with trouble are shown, and of those so many. */
const MOST_ROWS = 40;
const GAP = '  ';
/** Worst first: what a place with several cells shows. */
const RANK: readonly Outcome[] = ['failed', 'error', 'cancelled', 'flaky', 'passed', 'skipped'];

/** Empty when a table would say no more than the totals, or does not fit. */
export function tableLines(cells: readonly CellResult[], columns: number, signs: Signs): Line[] {
  if (cells.length < 2) return [];
  const layout = widestFitting(cells, columns, signs);
  if (!layout) return [];
  const rows = shownRows(layout.grid.rows);
  const hidden = layout.grid.rows.length - rows.length;
  const used = new Set(rows.flatMap(({ places }) => places.flatMap((place) => worst(place) ?? [])));
  return [
    ...headLines(layout),
    ...rows.map((row) => rowLine(row, layout, signs)),
    ...(hidden > 0 ? [[paint('dim', `${hidden} more rows: no failures and no errors there`)]] : []),
    ...legend(used, signs),
  ];
}

interface Layout {
  grid: Grid;
  labelWidth: number;
  widths: number[];
}

/** All axes across if that fits; else the one with most values that does; else none. */
function widestFitting(cells: readonly CellResult[], columns: number, signs: Signs): Layout | undefined {
  const axes = axesOf(cells);
  const count = (axis: string) => new Set(cells.map(({ values }) => values[axis])).size;
  const single = axes.toSorted((a, b) => count(b) - count(a)).map((axis) => [axis]);
  for (const across of [axes, ...single, []]) {
    const layout = layoutOf(gridOf(cells, across), signs);
    const width = layout.widths.reduce((sum, one) => sum + GAP.length + one, layout.labelWidth);
    if (width <= columns) return layout;
  }
  return undefined;
}

function layoutOf(grid: Grid, signs: Signs): Layout {
  const names = [...grid.across.map(screenText), ...grid.rows.map(labelOf)];
  const widths = grid.columns.map((values, column) =>
    Math.max(
      displayWidth(screenText(values.at(-1) ?? '')),
      ...grid.rows.map(({ places }) => displayWidth(signOf(places[column] ?? [], signs)?.text ?? '')),
    ),
  );
  const layout = { grid, labelWidth: Math.max(...names.map(displayWidth)), widths };
  for (let level = grid.across.length - 2; level >= 0; level -= 1) {
    for (const span of spansOf(grid, level)) widen(layout, span);
  }
  return layout;
}

/** Columns next to each other that share their outer values. */
interface Span {
  value: string;
  first: number;
  last: number;
}

function spansOf({ columns }: Grid, level: number): Span[] {
  const spans: Span[] = [];
  for (const [column, values] of columns.entries()) {
    const before = columns[column - 1];
    const open = spans.at(-1);
    const same =
      before !== undefined && values.slice(0, level + 1).every((value, at) => value === before[at]);
    if (same && open) open.last = column;
    else spans.push({ value: screenText(values[level] ?? ''), first: column, last: column });
  }
  return spans;
}

function spanWidth({ widths }: Layout, { first, last }: Span): number {
  return widths.slice(first, last + 1).reduce((sum, width) => sum + width, GAP.length * (last - first));
}

/** Room for the value above its columns: the last of them gets what is missing. */
function widen(layout: Layout, span: Span): void {
  const missing = displayWidth(span.value) - spanWidth(layout, span);
  if (missing > 0) layout.widths[span.last] = (layout.widths[span.last] ?? 0) + missing;
}

function labelOf({ target, values }: GridRow): string {
  return screenText([target, ...values].join(' '));
}

/** A line an axis; a value is named once for the columns that share it. */
function headLines(layout: Layout): Line[] {
  return layout.grid.across.map((axis, level) => {
    const values = spansOf(layout.grid, level).map(
      (span) => GAP + padToWidth(span.value, spanWidth(layout, span)),
    );
    return [paint('dim', padStart(screenText(axis), layout.labelWidth) + values.join(''))];
  });
}

function rowLine(row: GridRow, { labelWidth, widths }: Layout, signs: Signs): Line {
  const cells = row.places.flatMap((place, column): (string | Painted)[] => {
    const sign = signOf(place, signs);
    const blanks = ' '.repeat(Math.max(0, (widths[column] ?? 1) - displayWidth(sign?.text ?? '')));
    return sign ? [GAP, sign, blanks] : [GAP, blanks];
  });
  return [padToWidth(labelOf(row), labelWidth), ...cells];
}

/** Of several cells (`--repeat`) the worst, and how many of them came to that. */
function signOf(place: readonly CellResult[], signs: Signs): Painted | undefined {
  const outcome = worst(place);
  if (outcome === undefined) return undefined;
  const alike = place.filter((cell) => cell.outcome === outcome).length;
  const share = place.length === 1 ? '' : ` ${alike}/${place.length}`;
  return paint(OUTCOME_PAINT[outcome], signs.outcome[outcome] + share);
}

function worst(place: readonly CellResult[]): Outcome | undefined {
  return RANK.find((outcome) => place.some((cell) => cell.outcome === outcome));
}

function shownRows(rows: readonly GridRow[]): readonly GridRow[] {
  if (rows.length <= MOST_ROWS) return rows;
  const bad = (row: GridRow) =>
    row.places.some((place) => place.some(({ outcome }) => outcome === 'failed' || outcome === 'error'));
  return rows.filter(bad).slice(0, MOST_ROWS);
}

/** What the signs mean: those that are there. Words need none. */
function legend(used: ReadonlySet<Outcome>, signs: Signs): Line[] {
  const parts = RANK.filter((outcome) => used.has(outcome) && displayWidth(signs.outcome[outcome]) === 1);
  if (parts.length === 0) return [];
  return [[paint('dim', parts.map((outcome) => `${signs.outcome[outcome]} ${outcome}`).join(GAP))]];
}

function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}
