/**
 * Azure DevOps (microsoft/azure-pipelines-agent, JUnitResultReader; MicrosoftDocs/azure-devops-yaml-schema,
 * publish-test-results-v2). Each file is a run of its own, which is the task's default.
 */
import { child, parseXml, type XmlTree } from '../../test/support/xml-tree.ts';
import { attachmentsOf, casesOf, cellOf, type JUnitCase, suitesOf, textOf } from './junit-cases.ts';
import type { SeenTest, Viewer } from './viewer.ts';

/** Characters. */
const NAME = 512;

export const azure: Viewer = {
  name: 'Azure DevOps',
  tellsApart: 'file, name',
  read(files) {
    const read = files.map(({ name, text }) => ({ name, root: rootOf(text) }));
    return {
      tests: read.flatMap(({ name, root }) => (root ? testsOf(name, root) : [])),
      hidden: [],
      // A warning in the log of the task.
      refused: read.flatMap(({ name, root }) => (root ? [] : [{ file: name, isTold: false }])),
    };
  },
};

function rootOf(text: string): XmlTree | undefined {
  try {
    return parseXml(text);
  } catch {
    return undefined;
  }
}

function testsOf(run: string, root: XmlTree): SeenTest[] {
  return suitesOf(root)
    .flatMap(casesOf)
    .filter(({ testCase }) => testCase.attributes['name'])
    .map((found) => seenTest(run, found));
}

function seenTest(run: string, { suite, testCase }: JUnitCase): SeenTest {
  const { name = '' } = testCase.attributes;
  const outcome = outcomeOf(testCase);
  return {
    // The class is shown as the test's storage, and does not tell it apart.
    key: JSON.stringify([run, name.slice(0, NAME)]),
    cell: cellOf(suite),
    outcome,
    isFlaky: false,
    isCut: name.length > NAME,
    // Output is read of failures only.
    attachments: outcome === 'failed' ? attachmentsOf(textOf(testCase, 'system-out')).length : 0,
  };
}

/** Errors are failures, and both beat skipped. */
function outcomeOf(testCase: XmlTree): SeenTest['outcome'] {
  if (child(testCase, 'failure') || child(testCase, 'error')) return 'failed';
  return child(testCase, 'skipped') ? 'skipped' : 'passed';
}
