/** What `vmtest report` works on: runs as they were read, before they are one, and what should have been there. */
import type { CellResult, ErrorInfo, RunInfo } from '../results/model.ts';

export interface SourceRun {
  /** As the person named it. */
  source: string;
  /** Where its `cells` folder lies, absolute. */
  folder: string;
  run: RunInfo;
  /** ISO 8601 in UTC. Of a run that died: when it was last heard of. */
  finished: string;
  /** By Ctrl-C or another signal. */
  interrupted: boolean;
  cells: CellResult[];
}

/** Results of another program: the files of one cell. */
export interface ForeignCell {
  /** Absolute paths. */
  files: string[];
  /** Its `files` are those of the output folder, once they have been copied. */
  cell: CellResult;
  started: string;
}

/** Something that should have been there. Every report shows it as a cell in error, so that no dashboard stays green. */
export interface Gap {
  /** What tells it from other gaps, as axis and value: `{ input: 'shard-2' }`. */
  values: Record<string, string>;
  error: ErrorInfo;
}
