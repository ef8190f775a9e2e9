/** The caps on cases and suites, which the files of a cell share. */
import type { ReadContext } from '../parsed-results.ts';

/** Counts one more. Answers undefined, or what to say of the rest when there is no room for it. */
export function takeRoom({ limits, usage }: ReadContext, what: 'cases' | 'suites'): string | undefined {
  if (usage[what] >= limits[what]) {
    return `there are more than ${limits[what]} ${what === 'cases' ? 'tests' : 'suites'}; the rest was not read`;
  }
  usage[what] += 1;
  return undefined;
}
