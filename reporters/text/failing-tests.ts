import type { CellResult, TestCase, TestSuite } from '../../src/results/model.ts';

export interface FoundTest {
  suite: TestSuite;
  testCase: TestCase;
}

/** Of one cell, in order. What fails across cells is in `causesOf`. */
export function failingTests({ suites }: Pick<CellResult, 'suites'>): FoundTest[] {
  return suites.flatMap((suite) =>
    suite.cases
      .filter(({ status }) => status === 'failed' || status === 'error')
      .map((testCase) => ({ suite, testCase })),
  );
}
