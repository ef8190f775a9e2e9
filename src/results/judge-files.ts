import type { ErrorInfo } from './model.ts';
import type { ParsedResults } from './parsed-results.ts';
import { countFailing, errorVerdict, firstProblems, type Verdict, verdict } from './verdict.ts';

/** What result files come to by themselves: somebody else ran the tests, and there is no command to ask. */
export function judgeFiles(parsed: ParsedResults): Verdict {
  const { suites, problems } = parsed;
  const notes = firstProblems(problems);
  if (countFailing(parsed) > 0) return verdict('failed', suites, notes);
  const trouble = troubleWith(parsed, notes);
  return trouble ? errorVerdict('collect', trouble, suites) : verdict('passed', suites, notes);
}

function troubleWith({ suites, complete, problems }: ParsedResults, notes: string[]): ErrorInfo | undefined {
  const details = notes.join('\n');
  if (!complete) {
    const message = `the results are not whole: ${problems[0] ?? 'some are missing'}`;
    return { code: 'RESULTS_INCOMPLETE', message, details };
  }
  if (suites.some(({ cases }) => cases.length > 0)) return undefined;
  return { code: 'RESULTS_EMPTY', message: 'the result files hold no tests', details };
}
