/** Runs, foreign cells and gaps → one result, as if one run had made it. */
import { slugs } from '../../matrix/cell-id.ts';
import { VmtestError } from '../host/errors.ts';
import type { CellInfo, CellResult, ErrorInfo, RunInfo, RunResult } from '../results/model.ts';
import { finishRun } from '../results/summary.ts';
import { endOf, infoOf } from './merged-run.ts';
import { complaintAbout, gapCell, missingCell } from './missing-cells.ts';
import type { Read } from './read-inputs.ts';
import { dropSuperseded, missingShards } from './shards.ts';
import type { SourceRun } from './source.ts';

export interface Merged {
  result: RunResult;
  cells: MergedCell[];
  /** What should have been there and is not. */
  complaints: ErrorInfo[];
  /** What was left out on purpose, for people. */
  notes: string[];
}

export interface MergedCell {
  cell: CellResult;
  /** Where its folder or its files are now, absolute. */
  folder?: string;
  files?: readonly string[];
}

/**
 * @param self for the run's information when there are only foreign files.
 * @param expected cells that must be there; of those that are not, an error takes the place.
 * @throws VmtestError `CELL_TWICE`
 */
export function merge(
  { runs: all, foreign, gaps: unread }: Read,
  self: RunInfo,
  expected: readonly CellInfo[] = [],
): Merged {
  const { runs, notes } = dropSuperseded(all);
  const gaps = [...unread, ...missingShards(runs)];
  const present = new Set(
    [...runs.flatMap(({ cells }) => cells), ...foreign.map(({ cell }) => cell)].map(({ id }) => id),
  );
  const absent = expected.filter(({ id }) => !present.has(id));
  const ordered = inOrder(runs, absent.map(missingCell));
  for (const { cell, files } of foreign) ordered.push({ cell: at(cell, nextIndex(ordered)), files });
  refuseTwins(ordered, runs);
  for (const gap of gaps) {
    const cell = gapCell(gap, nextIndex(ordered));
    // A merged report that is merged again has told it before.
    if (!ordered.some(({ cell: { id } }) => id === cell.id)) ordered.push({ cell });
  }
  const cells = withOwnSlugs(ordered);
  const result = finishRun(
    infoOf(runs, foreign, self),
    cells.map(({ cell }) => cell),
    { finished: endOf(runs, foreign), interrupted: runs.some(({ interrupted }) => interrupted) },
  );
  const complaints = [...gaps.map(({ error }) => error), ...complaintAbout(absent)];
  return { result, cells, complaints, notes };
}

/** Runs of one matrix file are one list, in that file's order; of several files one comes after the other. */
function inOrder(runs: readonly SourceRun[], missing: readonly CellResult[]): MergedCell[] {
  const families = new Map<string | undefined, MergedCell[]>();
  for (const { run, cells, folder } of runs) {
    const family = families.get(run.matrix) ?? [];
    families.set(run.matrix, family);
    for (const cell of cells) family.push({ cell, folder: `${folder}/cells/${cell.slug}` });
  }
  const [only = [], ...others] = families.values();
  const all = [only, ...others];
  // With several matrix files nobody knows to which of them the missing cells belong.
  const place = others.length === 0 ? only : [];
  if (others.length > 0) all.push(place);
  for (const cell of missing) place.push({ cell });
  const ordered: MergedCell[] = [];
  for (const family of all) {
    const first = others.length > 0 ? nextIndex(ordered) : 0;
    family.sort((a, b) => a.cell.index - b.cell.index);
    for (const one of family) ordered.push({ ...one, cell: at(one.cell, first + one.cell.index) });
  }
  return ordered;
}

function nextIndex(cells: readonly MergedCell[]): number {
  return cells.reduce((next, { cell }) => Math.max(next, cell.index + 1), 0);
}

function at(cell: CellResult, index: number): CellResult {
  return { ...cell, index };
}

/** Two answers to one question cannot be merged, and to choose one would hide the other. */
function refuseTwins(cells: readonly MergedCell[], runs: readonly SourceRun[]): void {
  const seen = new Set<string>();
  for (const { cell } of cells) {
    if (!seen.has(cell.id)) {
      seen.add(cell.id);
      continue;
    }
    const sources = runs
      .filter((run) => run.cells.some(({ id }) => id === cell.id))
      .map(({ source }) => source);
    const where = sources.length > 0 ? `: in ${sources.join(', ')}` : '';
    throw new VmtestError('CELL_TWICE', `there are two results of the cell ${cell.id}${where}`, {
      hint: 'Leave one of them out, or name the cell of a foreign file with --cell NAME=FILE. To see what changed between two runs, use --baseline.',
    });
  }
}

/** Cells of different matrix files may have chosen the same folder. */
function withOwnSlugs(cells: readonly MergedCell[]): MergedCell[] {
  const alike = new Map<string, string[]>();
  for (const { cell } of cells) alike.set(cell.slug, [...(alike.get(cell.slug) ?? []), cell.id]);
  const renamed = new Map<string, string>();
  for (const ids of alike.values()) {
    if (ids.length === 1) continue;
    // Two ids of one slug are told apart by a hash, as in a matrix file.
    for (const [index, slug] of slugs(ids).entries()) renamed.set(ids[index] ?? '', slug);
  }
  return cells.map((one) => {
    const slug = renamed.get(one.cell.id);
    return slug === undefined ? one : { ...one, cell: { ...one.cell, slug } };
  });
}
