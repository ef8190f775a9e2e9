/**
 * What `report.html` carries, and its page reads. All text in it is harmless already (`shownText`); links are relative
 * and escaped. The index is read at once, everything else when somebody looks at it.
 */
import type {
  Attempt,
  ErrorInfo,
  Outcome,
  Phase,
  RunResult,
  TestCounts,
  TestStatus,
} from '../../src/results/model.ts';
import type { ChangeSection } from '../text/change-section.ts';

export interface PageIndex {
  run: RunResult['run'];
  summary: RunResult['summary'];
  /** `target` first, then the axes as the cells name them; `engine` when there are several. */
  axes: string[];
  cells: PageCell[];
  causes: PageCause[];
  causesLeftOut: number;
  /** What changed since an earlier run, when it was asked for. */
  changes?: PageChanges;
  /** Making clean states, as far as this report saw it happen. */
  prepared: Preparation[];
  /** What did not fit, in sentences. */
  caps: string[];
}

export interface PageChanges {
  /** The earlier run, and its day. */
  since: string;
  sections: ChangeSection[];
}

export interface PageCell {
  id: string;
  slug: string;
  /** Axis → value, one for each of the index's axes that the cell has. */
  values: Record<string, string>;
  engine: string;
  snapshot: string;
  outcome: Outcome;
  allowedToFail: boolean;
  /** What there is to say beside the outcome: an error's phase and code, a reason. */
  reason: string;
  tests: TestCounts;
  attempts: PageAttempt[];
}

export interface PageAttempt {
  number: number;
  outcome: Attempt['outcome'];
  /** Milliseconds from the start of the run to the end of this attempt's queueing. */
  start: number;
  /** Phase and milliseconds, in the order of the phases; `queue` came before `start`. */
  timings: [Phase, number][];
}

export interface Preparation {
  target: string;
  /** Milliseconds from the start of the run. */
  start: number;
  end: number;
  state: 'done' | 'failed';
}

export interface PageCause {
  kind: 'failed' | 'error' | 'flaky';
  /** In words: `libc is musl`; empty when nothing tells the cells apart. */
  conditions: string[];
  /** Cells that fit the conditions, or without any: that ran the same, and were spared. */
  spared: number;
  /** The first of them. */
  symptoms: PageSymptom[];
  symptomCount: number;
  /** Indexes into the cells of the page. */
  cells: number[];
  cellCount: number;
}

export interface PageSymptom {
  /** A test, or the phase of an error. */
  title: string;
  /** Where the test is written. */
  place: string;
  type: string;
  message: string;
  /** Stack, diff or hint, cut. */
  text: string;
  /** How it fared in earlier runs, in words; may be empty. */
  recent: string;
}

/** Text that may have been cut, and where all of it is. */
export interface PageText {
  name: string;
  text: string;
  /** Relative link to the file; absent when it does not stand in the output folder. */
  href?: string;
  /** Bytes of the whole. */
  size: number;
  cut: boolean;
}

export interface PageFile {
  name: string;
  href: string;
}

/** The page of one cell: a chunk of its own. */
export interface CellDetail {
  error?: ErrorInfo;
  notes: string[];
  rerun: string;
  attempts: AttemptDetail[];
  suites: SuiteDetail[];
  /** Passed and skipped tests that are not listed. */
  testsLeftOut: number;
  logs: PageText[];
  /** A data address. */
  screen?: string;
  files: PageFile[];
  /** Why something of the above is missing. */
  caps: string[];
}

export interface AttemptDetail {
  error?: ErrorInfo;
  exitCode?: number;
  signal?: string;
  notes: string[];
}

export interface SuiteDetail {
  name: string;
  cases: CaseDetail[];
}

/** Empty parts are absent: most cases are a name, a status and a duration. */
export interface CaseDetail {
  name: string;
  classname?: string;
  place?: string;
  status: TestStatus;
  duration?: number;
  reason?: string;
  /** How it fared in earlier runs, in words. */
  recent?: string;
  failures?: FailureDetail[];
  reruns?: FailureDetail[];
  stdout?: string;
  stderr?: string;
}

export interface FailureDetail {
  message: string;
  type: string;
  text: string;
}

/** Every test against every cell: a chunk of its own. */
export interface TestTable {
  rows: TestRow[];
  /** Tests that are not listed. */
  leftOut: number;
}

export interface TestRow {
  /** `suite > class`. */
  group: string;
  name: string;
  /** One letter a cell of the page: `p f e s`, `y` for flaky, `-` where it did not run. */
  marks: string;
  /** Milliseconds over all cells, the longest. */
  slowest: number;
}
