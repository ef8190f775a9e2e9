/** What changed from an earlier run to a later one: plain data, in `results.json` and for every reporter. */

/** A thing is in one list at most. */
export interface Changes<Item, SlowerItem> {
  /** Failing now, and not before: it passed, was skipped, or was not there. */
  newlyFailing: Item[];
  /** Failed before, and passed now at the first attempt. */
  fixed: Item[];
  stillFailing: Item[];
  /** Passed only after a failed attempt, which it did not need to before. */
  flaky: Item[];
  /** Passed both times, and took much longer; see `SLOWER`. */
  slower: SlowerItem[];
  /** Gave an answer before and none now: skipped, cancelled. */
  notRun: Item[];
  /** New, and not failing. */
  added: Item[];
  removed: Item[];
}

/** Milliseconds. */
export interface Times {
  before: number;
  after: number;
}

/** A test, in all cells of which the same is to be told. */
export interface ComparedTest {
  suite: string;
  classname?: string;
  name: string;
  /** Ids, in the order of the run. At least one. */
  cells: string[];
}

/** The times are those of the cell in which the most was lost. */
export type SlowerTest = ComparedTest & Times;

export interface SlowerCell extends Times {
  cell: string;
}

export interface Comparison {
  /** The earlier run. */
  baseline: { id: string; started: string; matrix?: string };
  /** By their ids. */
  cells: Changes<string, SlowerCell>;
  /** The most widespread first. Only of cells that gave an answer in both runs. */
  tests: Changes<ComparedTest, SlowerTest>;
}
