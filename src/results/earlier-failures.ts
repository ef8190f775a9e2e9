/** Retries of a cell: what failed in an earlier attempt is told beside the same case of the last one. */
import type { TestCase, TestFailure, TestSuite } from './model.ts';
import { testIdentifier } from './test-identity.ts';

/** The last attempt's suites, in which each case has the failures of its earlier attempts as `reruns`. */
export function withEarlierFailures(
  last: readonly TestSuite[],
  earlier: readonly (readonly TestSuite[])[],
): TestSuite[] {
  const failures = new Map<string, TestFailure[]>();
  for (const attempt of earlier) collectFailures(attempt, failures);
  if (failures.size === 0) return [...last];
  const identify = testIdentifier();
  return last.map((suite) => ({
    ...suite,
    cases: suite.cases.map((testCase) => {
      const before = failures.get(identify(suite, testCase));
      return before ? { ...testCase, reruns: [...before, ...(testCase.reruns ?? [])] } : testCase;
    }),
  }));
}

function collectFailures(suites: readonly TestSuite[], into: Map<string, TestFailure[]>): void {
  const identify = testIdentifier();
  for (const suite of suites) {
    for (const testCase of suite.cases) {
      const key = identify(suite, testCase);
      if (testCase.status !== 'failed' && testCase.status !== 'error') continue;
      const before = into.get(key) ?? [];
      into.set(key, [...before, joined(testCase), ...(testCase.reruns ?? [])]);
    }
  }
}

/** One attempt is one failure, however many assertions it counted. */
function joined({ failures = [], status }: TestCase): TestFailure {
  const [first = { message: `the test ${status === 'failed' ? 'failed' : 'broke'}` }, ...others] = failures;
  if (others.length === 0) return first;
  const text = failures.map((failure) => failure.text ?? failure.message ?? '').join('\n\n');
  return { ...first, text };
}
