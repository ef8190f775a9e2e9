/**
 * The result model: what a run found out, engine-neutral. Reporters read it; `results.json` is this, serialised
 * (`schema/results.schema.json`). Times are ISO 8601 in UTC, durations milliseconds.
 */
import type { Comparison } from './comparison.ts';

export const PHASES = [
  'queue',
  'restore',
  'boot',
  'connect',
  'upload',
  'setup',
  'run',
  'collect',
  'release',
] as const;
export type Phase = (typeof PHASES)[number];

/** `failed` is the software under test; `error` is ours or the host's. `flaky` = passed after a failed attempt. */
export type Outcome = 'passed' | 'failed' | 'error' | 'skipped' | 'cancelled' | 'flaky';

export type TestStatus = 'passed' | 'failed' | 'error' | 'skipped';

export interface TestFailure {
  /** One line. */
  message?: string;
  /** Exception class or the like. */
  type?: string;
  /** The full text: stack, diff. */
  text?: string;
}

export interface TestCase {
  name: string;
  classname?: string;
  file?: string;
  line?: number;
  status: TestStatus;
  /** Milliseconds. */
  duration?: number;
  /** Several failures of one case are kept in order; for a skipped case, its reason is `message`. */
  failures?: TestFailure[];
  skipReason?: string;
  stdout?: string;
  stderr?: string;
  /**
   * Other failed attempts at this case: inside the guest (rerun and flaky elements), or in earlier attempts of the
   * cell. With them a passed case is flaky.
   */
  reruns?: TestFailure[];
  properties?: Record<string, string>;
  /** Of a test that failed or was flaky, if it had been so before. */
  recent?: RecentTest;
}

/** How often a test failed, or was flaky, in the last runs of its cell on this host: at most 20, this one left out. */
export interface RecentTest {
  runs: number;
  failed: number;
  flaky: number;
}

export interface TestSuite {
  /** Ancestry joined with ` > `. */
  name: string;
  file?: string;
  timestamp?: string;
  hostname?: string;
  duration?: number;
  properties?: Record<string, string>;
  stdout?: string;
  stderr?: string;
  cases: TestCase[];
}

export interface TestCounts {
  total: number;
  passed: number;
  failed: number;
  error: number;
  skipped: number;
}

/** Each cell is counted once: a flaky one is not among the passed. */
export interface CellCounts {
  total: number;
  passed: number;
  failed: number;
  error: number;
  skipped: number;
  cancelled: number;
  flaky: number;
}

export interface ErrorInfo {
  code: string;
  message: string;
  hint?: string;
  /** Engine stderr, console tail: for logs and details views. */
  details?: string;
}

/** One try at a cell, from a clean machine. */
export interface Attempt {
  /** From 1. */
  number: number;
  outcome: Exclude<Outcome, 'flaky' | 'skipped'>;
  /** The phase in which an error (or a cancellation) happened. */
  phase?: Phase;
  error?: ErrorInfo;
  /** Exit code of the test command, when it ran to its end. */
  exitCode?: number;
  /** Signal that ended the test command. */
  signal?: string;
  started: string;
  timings: Partial<Record<Phase, number>>;
  tests: TestCounts;
  suites: TestSuite[];
  /** Things a person should know: software emulation, a clock that could not be set, a cap that was hit. */
  notes: string[];
}

/** Paths relative to the output folder, with `/`. */
export interface CellFiles {
  output?: string;
  console?: string;
  screen?: string;
  /** The engine's commands that ran for the cell. */
  engine?: string;
  results?: string[];
  artifacts?: string[];
}

/** The engine of a cell that vmtest did not run: results of another program, or a gap in a merged report. */
export const ELSEWHERE = 'elsewhere';

export interface CellInfo {
  id: string;
  slug: string;
  index: number;
  target: string;
  values: Record<string, string>;
  engine: string;
  /** As the engine itself tells it. */
  engineVersion?: string;
  /** Engines that the target names before it, and why they cannot be used on this host. */
  passedOver?: PassedOver[];
  snapshot: string;
}

export interface PassedOver {
  engine: string;
  reason: string;
}

/** How the cell ended in its last runs before this one, on this host: at most 20. Those that were cancelled do not count. */
export interface RecentRuns {
  runs: number;
  passed: number;
  flaky: number;
  failed: number;
  error: number;
}

export interface CellResult extends CellInfo {
  outcome: Outcome;
  /** An allowed failure (`continue-on-error`): shown, but it does not fail the run. */
  allowedToFail: boolean;
  phase?: Phase;
  error?: ErrorInfo;
  /** In order; the last one decides. Empty for a cell that never started. Suites live on the cell, not here. */
  attempts: Omit<Attempt, 'suites'>[];
  timings: Partial<Record<Phase, number>>;
  tests: TestCounts;
  suites: TestSuite[];
  notes: string[];
  /** Absent in the first run. */
  recent?: RecentRuns;
  files: CellFiles;
}

export interface RunInfo {
  id: string;
  started: string;
  seed: string;
  /** The matrix file, as the person named it: for the command that runs something again. */
  matrix?: string;
  /** `1/3` when sharded. */
  shard?: string;
  host: {
    name: string;
    os: string;
    arch: string;
    cpus: number;
    memory: number;
    node: string;
    vmtest: string;
  };
}

export interface RunResult {
  version: 1;
  run: RunInfo & { finished: string; outcome: Outcome; exitCode: number };
  summary: { cells: CellCounts; tests: TestCounts };
  /** In the matrix file's order. */
  cells: CellResult[];
  /** With `vmtest report --baseline`. */
  comparison?: Comparison;
}
