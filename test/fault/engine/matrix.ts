// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of a matrix file
/** The matrix on whose engine things go wrong: a test that passes and one that fails, files in and out, short deadlines. */
import type { Outcome } from '../../../src/results/model.ts';

/** What each test comes to in truth. */
export const TRUTH: Readonly<Record<Test, Outcome>> = { good: 'passed', bad: 'failed' };
export type Test = 'good' | 'bad';
export const TESTS: readonly Test[] = ['good', 'bad'];

/** Under which the cell of each is selected, and stands in reports. */
export function cellOf(test: Test): string {
  return `box/n=${test}`;
}

/**
 * @param target the target's keys in flow style, without braces.
 * @param pace how many times slower than usual this engine is here, besides what vmtest knows of it.
 */
export function matrixText(target: string, pace: number): string {
  const s = (seconds: number) => `${seconds * pace}s`;
  const timeouts = [
    `prepare: ${s(10)}, restore: ${s(2)}, boot: ${s(1)}, connect: ${s(2)}, upload: ${s(1)}, setup: ${s(4)}`,
    `collect: ${s(1)}, release: ${s(2)}`,
  ].join(', ');
  return `version: 1
targets:
  box: { ${target} }
matrix: { target: [box], n: [good, bad] }
test:
  upload: { from: up, to: work }
  run: |
    [ "$VMTEST_N" = good ] || exit 1
    echo '<testsuite name="s"><testcase name="t"/></testsuite>' > r.xml
  results: [r.xml]
  timeout: 20s
timeouts: { ${timeouts} }
`;
}
