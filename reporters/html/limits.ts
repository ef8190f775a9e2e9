/**
 * How much goes into one page. A page has to open at once and to travel by mail; everything else stays in the output
 * folder, to which the page points. Lengths of text are in characters. Whatever is cut is told with its true count.
 */
export const LIMITS = {
  /** Cells; those that did not pass come first. */
  cells: 10_000,
  /** Compressed details of all cells together. Cells that did not pass come first. */
  details: 24 * 1024 * 1024,
  causes: 200,
  symptoms: 20,
  /** Since an earlier run, of each kind. */
  changes: 50,
  /** Rows of the table of all tests, and its marks: rows times cells. */
  testRows: 20_000,
  marks: 8 * 1024 * 1024,
  /** Of one cell: tests that did not pass, and others. */
  failures: 1_000,
  passes: 5_000,
  name: 500,
  message: 2_000,
  failureText: 16 * 1024,
  caseOutput: 8 * 1024,
  /** Tests of one cell that have their texts; further ones have their message only. */
  textsPerCell: 100,
  log: 96 * 1024,
  logOfPassed: 24 * 1024,
  /** Artifacts of one cell that are text, and the length of each. */
  artifacts: 6,
  artifact: 24 * 1024,
  /** Files of one cell that are linked to. */
  links: 500,
  /** Bytes of a screenshot. */
  screen: 400 * 1024,
} as const;
