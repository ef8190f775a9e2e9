/** What all readers of JUnit XML here have in common. Whatever they disagree on is in the files of each. */
import { child, type XmlTree } from '../../test/support/xml-tree.ts';

export interface JUnitCase {
  suite: XmlTree;
  testCase: XmlTree;
}

/** Suites within suites are walked, and read as if they stood side by side. */
export function suitesOf(root: XmlTree): XmlTree[] {
  const inner = root.children.filter(({ name }) => name === 'testsuite').flatMap(suitesOf);
  return root.name === 'testsuite' ? [...inner, root] : inner;
}

export function casesOf(suite: XmlTree): JUnitCase[] {
  return suite.children.filter(({ name }) => name === 'testcase').map((testCase) => ({ suite, testCase }));
}

/** What the reporter `junit` writes there. */
export function cellOf({ attributes }: XmlTree): string {
  return attributes['hostname'] ?? '';
}

export function textOf(testCase: XmlTree, element: string): string {
  return child(testCase, element)?.text ?? '';
}

/** Files that a test names in its output, each on a line of its own. */
export function attachmentsOf(output: string): string[] {
  return [...output.matchAll(/\[\[ATTACHMENT\|(.+?)\]\]/g)].map(([, path = '']) => path);
}
