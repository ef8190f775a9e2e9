import type { TestCase, TestSuite } from './model.ts';

/**
 * Tells the tests of one cell apart, from run to run: by suite, class and name; of several such, the first is the same as
 * the first, and so on. Asked once for each case, in order.
 */
export function testIdentifier(): (suite: Pick<TestSuite, 'name'>, testCase: TestCase) => string {
  const seen = new Map<string, number>();
  return (suite, { classname, name }) => {
    const key = JSON.stringify([suite.name, classname, name]);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    return `${nth} ${key}`;
  };
}
