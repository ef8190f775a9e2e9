/** Names as viewers read them. Several crash on a missing one, so there is always one. */
import type { TestCase, TestSuite } from '../../src/results/model.ts';
import { cleanText } from '../../src/results/sanitize.ts';

/** Those of a test, without the cell. */
export function shownNames(
  suite: Pick<TestSuite, 'name'>,
  { name, classname }: Pick<TestCase, 'name' | 'classname'>,
): { name: string; classname: string } {
  return {
    name: shown(name) ?? '(no name)',
    classname: shown(classname) ?? shown(suite.name) ?? 'tests',
  };
}

/** The name as it will be read; undefined when nothing of it is left. */
export function shown(name: string | undefined): string | undefined {
  return (name && cleanText(name)) || undefined;
}
