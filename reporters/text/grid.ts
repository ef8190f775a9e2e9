/**
 * The cells of a run as a grid: targets downwards, axes across. Axes that do not go across stand beside the target
 * instead, so that every place in the grid still is one combination.
 */
import type { CellResult } from '../../src/results/model.ts';

export interface Grid {
  /** The axes that go across, outermost first; none: a single column. */
  across: string[];
  /** The axes that stand beside the target. */
  beside: string[];
  /** Values of `across`, one list a column. */
  columns: string[][];
  rows: GridRow[];
}

export interface GridRow {
  target: string;
  /** Values of `beside`. */
  values: string[];
  /** One a column: the cells there, several with `--repeat`, none where the matrix has no such combination. */
  places: CellResult[][];
}

/** What stands for an axis that a cell does not have. */
export const NO_VALUE = '-';

/** @param across which of the axes go across, in this order. */
export function gridOf(cells: readonly CellResult[], across: readonly string[]): Grid {
  const beside = axesOf(cells).filter((axis) => !across.includes(axis));
  const columns = new Map<string, { values: string[]; index: number }>();
  const rows = new Map<string, GridRow>();
  const valuesOf = (cell: CellResult, axes: readonly string[]) => axes.map((axis) => axisValue(cell, axis));
  for (const values of sortedColumns(cells, across)) {
    columns.set(JSON.stringify(values), { values, index: columns.size });
  }
  for (const cell of cells) {
    const values = valuesOf(cell, beside);
    const key = JSON.stringify([cell.target, ...values]);
    const row = rows.get(key) ?? { target: cell.target, values, places: Array.from(columns, () => []) };
    rows.set(key, row);
    row.places[columns.get(JSON.stringify(valuesOf(cell, across)))?.index ?? 0]?.push(cell);
  }
  return {
    across: [...across],
    beside,
    columns: Array.from(columns.values(), ({ values }) => values),
    rows: [...rows.values()],
  };
}

/** In the order in which the cells name them. */
export function axesOf(cells: readonly CellResult[]): string[] {
  return [...new Set(cells.flatMap(({ values }) => Object.keys(values)))].filter((axis) => axis !== 'target');
}

/** The combinations that exist, with the values of each axis in the order in which they first appear. */
function sortedColumns(cells: readonly CellResult[], across: readonly string[]): string[][] {
  const ranks = across.map((axis) => {
    const values = [...new Set(cells.map((cell) => axisValue(cell, axis)))];
    return new Map(values.map((value, rank) => [value, rank]));
  });
  const combinations = new Map<string, string[]>();
  for (const cell of cells) {
    const values = across.map((axis) => axisValue(cell, axis));
    combinations.set(JSON.stringify(values), values);
  }
  return [...combinations.values()].sort((a, b) => {
    const level = a.findIndex((value, index) => value !== b[index]);
    const rank = (values: string[]) => ranks[level]?.get(values[level] ?? '') ?? 0;
    return rank(a) - rank(b);
  });
}

function axisValue(cell: CellResult, axis: string): string {
  return Object.hasOwn(cell.values, axis) ? (cell.values[axis] ?? NO_VALUE) : NO_VALUE;
}
