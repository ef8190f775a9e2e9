import { nothingUsed, READ_LIMITS, type ReadLimits, type ReadUsage } from './limits.ts';
import type { TestSuite } from './model.ts';
import { OwnLines } from './own-lines.ts';
import { Problems } from './problems.ts';

/** What a result file (or several) said. Content never makes a reader throw; it ends up among the problems. */
export interface ParsedResults {
  suites: TestSuite[];
  /** False when something is known to be missing: a cut-off, unreadable, empty or foreign file, a cap that was hit. */
  complete: boolean;
  /** One line each, for people. There may be some although the result is complete. */
  problems: string[];
}

/** `type` of the failure of a test that a file leaves unfinished. */
export const INCOMPLETE_TYPE = 'vmtest.incomplete';

/** What every reader of one file is given. */
export interface ReadContext {
  readonly limits: Readonly<ReadLimits>;
  readonly usage: ReadUsage;
  readonly problems: Problems;
  readonly lines: OwnLines;
}

export function createReadContext(
  limits: Partial<ReadLimits> = {},
  usage: ReadUsage = nothingUsed(),
): ReadContext {
  return { limits: { ...READ_LIMITS, ...limits }, usage, problems: new Problems(), lines: new OwnLines() };
}
