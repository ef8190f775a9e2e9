/**
 * How much of what a guest says is kept. All text lengths are in characters (UTF-16 units). Every limit that is hit is
 * reported among the problems of the result; none is silent.
 */
export interface ReadLimits {
  /** Bytes read of one file. */
  bytes: number;
  /** Elements within elements, subtests within subtests, JSON within JSON. */
  depth: number;
  /** What can only be read as a whole: one XML tag with its attributes, one line of TAP, one event of `go test -json`. */
  unit: number;
  /** Test cases of one cell, over all its files. */
  cases: number;
  /** Suites of one cell, also those without cases. */
  suites: number;
  /**
   * Text kept of one cell, over all its files. What comes later is cut to a hundred characters, and properties and
   * further failures are left out.
   */
  total: number;
  /** Names of tests, classes, suites, files and properties. */
  name: number;
  /** Messages, reasons and property values. */
  message: number;
  /** Details of one failure. */
  details: number;
  /** Each output stream of one case. */
  caseOutput: number;
  /** Each output stream of one suite. */
  suiteOutput: number;
  /** Output held of tests that have not ended, over all that run at once (`go test -json`). */
  openOutput: number;
  /** Failures, and earlier attempts, of one case. */
  failures: number;
  /** Properties of one case or suite. */
  properties: number;
}

/** Generous for real reports: the largest known suites hold a few hundred thousand cases, in some hundred megabytes. */
export const READ_LIMITS: Readonly<ReadLimits> = {
  bytes: 512 * 1024 * 1024,
  depth: 200,
  unit: 16 * 1024 * 1024,
  cases: 1_000_000,
  suites: 200_000,
  total: 64 * 1024 * 1024,
  name: 2_000,
  message: 4_000,
  details: 64 * 1024,
  caseOutput: 64 * 1024,
  suiteOutput: 256 * 1024,
  openOutput: 32 * 1024 * 1024,
  failures: 20,
  properties: 500,
};

/** What a cell has used of its limits. One object is shared by the readers of all its files. */
export interface ReadUsage {
  suites: number;
  cases: number;
  /** Text, with an allowance for what holds it. */
  characters: number;
}

export function nothingUsed(): ReadUsage {
  return { suites: 0, cases: 0, characters: 0 };
}
