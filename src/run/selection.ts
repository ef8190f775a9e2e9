/** Which cells of a file are to run: what the selectors mean, less what passed last time, cut to a shard. */
import type { Cell, Matrix } from '../../matrix/model.ts';
import { selectCells as bySelectors } from '../../matrix/select.ts';
import { parseShard, takeShard } from '../../matrix/shard.ts';
import { VmtestError } from '../host/errors.ts';
import type { Host } from '../host/host.ts';
import { readPast } from './history.ts';

export interface Selection {
  /** See `matrix/select.ts`. Default: all cells. */
  selectors?: readonly string[];
  /** Only the cells that did not pass when they last ran. */
  lastFailed?: boolean;
  /** `2/3`: the second of three parts. Cut last, so that every host cuts the same list. */
  shard?: string;
}

/** In the file's order. May be empty. */
export async function selectCells(host: Host, matrix: Matrix, selection: Selection): Promise<Cell[]> {
  const shard = selection.shard === undefined ? undefined : parseShard(selection.shard);
  const selected = bySelectors(matrix.cells, selection.selectors ?? []);
  const wanted = selection.lastFailed ? await lastFailed(host, matrix, selected) : selected;
  return shard === undefined ? wanted : takeShard(wanted, shard);
}

async function lastFailed(host: Host, matrix: Matrix, cells: readonly Cell[]): Promise<Cell[]> {
  const { cells: history, isLost } = await readPast(host, matrix.file);
  if (isLost) {
    throw new VmtestError('HISTORY_LOST', 'which cells failed last is not known any more', {
      hint: 'Run once without --last-failed.',
    });
  }
  const bad = new Set(['failed', 'error', 'cancelled']);
  return cells.filter(({ id }) => bad.has(history[id]?.outcome ?? ''));
}
