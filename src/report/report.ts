/**
 * Results of runs that have ended, from wherever they are, as one result: shards, folders, foreign files. What it writes
 * are the folders of the cells; reports are made from the events that it answers with.
 */
import { cellInfoOf } from '../results/cell-result.ts';
import { compare } from '../results/compare.ts';
import type { RunEvent } from '../results/events.ts';
import type { CellInfo, CellResult, ErrorInfo, RunInfo, RunResult } from '../results/model.ts';
import { bringFiles } from './bring-files.ts';
import { type Merged, merge } from './merge.ts';
import { type Inputs, readInputs } from './read-inputs.ts';

export interface Gathered extends Merged {
  /** Where the runs lie that were read, absolute. */
  folders: string[];
  /** Why there is no comparison although one was asked for. */
  uncompared?: ErrorInfo;
}

export interface GatherOptions {
  /** Of this process; used when the inputs know of no run. */
  self: RunInfo;
  /** An earlier run to compare with. */
  baseline?: string | undefined;
  /** Cells that must be there. */
  expected?: readonly CellInfo[] | undefined;
}

/**
 * Reads and merges.
 * @throws VmtestError `CELL_TWICE`. What cannot be read is complained about instead.
 */
export async function gather(inputs: Inputs, { self, baseline, expected }: GatherOptions): Promise<Gathered> {
  const read = await readInputs(inputs);
  const merged = { ...merge(read, self, expected), folders: read.runs.map(({ folder }) => folder) };
  if (baseline === undefined) return merged;
  const before = merge(await readInputs({ paths: [baseline], cells: [], cwd: inputs.cwd }), self);
  const [complaint] = before.complaints;
  // Half a run would make the other half look new.
  if (complaint) return { ...merged, uncompared: complaint };
  return { ...merged, result: { ...merged.result, comparison: compare(before.result, merged.result) } };
}

/** The merged result with the files of all its cells below the output folder. */
export async function bringTogether({ result, cells }: Merged, output: string): Promise<RunResult> {
  const brought: CellResult[] = [];
  for (const cell of cells) brought.push(await bringFiles(cell, output));
  return { ...result, cells: brought };
}

/** What a run with this result would have told in short: for reporters. */
export function* retell(result: RunResult, output: string): Generator<RunEvent> {
  const { finished: _finished, outcome: _outcome, exitCode: _exitCode, ...run } = result.run;
  yield { type: 'run:start', run, cells: result.cells.map(cellInfoOf), output, expected: {} };
  for (const cell of result.cells) yield { type: 'cell:end', cell: cellInfoOf(cell), result: cell };
  yield { type: 'run:end', result };
}
