/**
 * Tests of one cell that share their names, numbered apart. Parameterised tests often do, and a viewer that keeps one
 * result a name (GitLab) shows only the last of them, also when it was another that failed.
 */
import type { TestCase, TestSuite } from '../../src/results/model.ts';
import { shownNames } from './names.ts';
import type { JUnitLabel } from './settings.ts';

/**
 * The second of a name becomes `name (2)`, and so on, in order. Names are the same when class and name are, for some
 * viewers do not look at the suite; where the cell stands in the name, for viewers that know nothing else, when it is.
 */
export function uniquelyNamed(suites: readonly TestSuite[], label: JUnitLabel = 'both'): TestSuite[] {
  // How often each name was given out: also those that end in a number of their own.
  const given = new Map<string, number>();
  return suites.map((suite) => {
    const rename = (testCase: TestCase): TestCase => {
      const { name, classname } = shownNames(suite, testCase);
      const keyOf = (text: string) => (label === 'name' ? text : `${classname}\0${text}`);
      let nth = given.get(keyOf(name)) ?? 0;
      let unique = name;
      do {
        nth += 1;
        if (nth > 1) unique = `${name} (${nth})`;
      } while (given.has(keyOf(unique)));
      given.set(keyOf(unique), 1).set(keyOf(name), nth);
      return nth === 1 ? testCase : { ...testCase, name: unique };
    };
    return { ...suite, cases: suite.cases.map(rename) };
  });
}
