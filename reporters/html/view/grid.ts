/**
 * The matrix as a table. Every axis goes down, across, or into neither: then several cells share a place. Values keep
 * the order in which the cells first name them.
 */
import type { PageCell } from '../page-data.ts';

export interface Layout {
  rows: string[];
  columns: string[];
}

export interface Grid extends Layout {
  /** Values of the axes across, one list a column. */
  across: string[][];
  lines: { values: string[]; places: number[][] }[];
}

/** What stands for an axis that a cell does not have. */
export const NO_VALUE = '–';

/** More columns than these do not fit a screen. */
const COLUMNS = 30;

/** Targets down; the axes across as long as there is room, the last one first; the others down. */
export function usualLayout(cells: readonly PageCell[], axes: readonly string[]): Layout {
  const columns: string[] = [];
  const rows: string[] = [];
  for (const axis of axes.slice(1).reverse()) {
    const fits = columns.length === 0 || tuplesOf(cells, [axis, ...columns]).length <= COLUMNS;
    (fits ? columns : rows).unshift(axis);
  }
  return { rows: [...axes.slice(0, 1), ...rows], columns };
}

export function gridOf(cells: readonly PageCell[], { rows, columns }: Layout): Grid {
  const across = tuplesOf(cells, columns);
  const columnOf = new Map(across.map((values, index) => [JSON.stringify(values), index]));
  const lines = new Map(
    tuplesOf(cells, rows).map((values) => [
      JSON.stringify(values),
      { values, places: across.map((): number[] => []) },
    ]),
  );
  cells.forEach((cell, index) => {
    const line = lines.get(JSON.stringify(valuesOf(cell, rows)));
    line?.places[columnOf.get(JSON.stringify(valuesOf(cell, columns))) ?? 0]?.push(index);
  });
  return { rows, columns, across, lines: [...lines.values()] };
}

/** Runs of equal values, which share a heading: `[value, length]`, broken where an outer value changes. */
export function headingRuns(tuples: readonly string[][], level: number): { value: string; span: number }[] {
  const runs: { value: string; span: number; key: string }[] = [];
  for (const tuple of tuples) {
    const key = JSON.stringify(tuple.slice(0, level + 1));
    const last = runs.at(-1);
    if (last?.key === key) last.span += 1;
    else runs.push({ value: tuple[level] ?? NO_VALUE, span: 1, key });
  }
  return runs;
}

export function axisValue({ values }: PageCell, axis: string): string {
  return Object.hasOwn(values, axis) ? (values[axis] ?? NO_VALUE) : NO_VALUE;
}

function valuesOf(cell: PageCell, axes: readonly string[]): string[] {
  return axes.map((axis) => axisValue(cell, axis));
}

/** The combinations that exist. Without axes there is one, the empty one. */
function tuplesOf(cells: readonly PageCell[], axes: readonly string[]): string[][] {
  const ranks = axes.map((axis) => {
    const values = [...new Set(cells.map((cell) => axisValue(cell, axis)))];
    return new Map(values.map((value, rank) => [value, rank]));
  });
  const tuples = new Map<string, string[]>();
  for (const cell of cells) {
    const values = valuesOf(cell, axes);
    tuples.set(JSON.stringify(values), values);
  }
  const rank = (values: string[], level: number) => ranks[level]?.get(values[level] ?? '') ?? 0;
  return [...tuples.values()].sort((a, b) => {
    const level = a.findIndex((value, index) => value !== b[index]);
    return level === -1 ? 0 : rank(a, level) - rank(b, level);
  });
}
