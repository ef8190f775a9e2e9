/**
 * Jenkins with its junit plugin (jenkinsci/junit-plugin, hudson/tasks/junit: SuiteResult, CaseResult, TestResult), and
 * the attachments plugin.
 */
import { child, parseXml, type XmlTree } from '../../test/support/xml-tree.ts';
import { attachmentsOf, casesOf, cellOf, type JUnitCase, suitesOf, textOf } from './junit-cases.ts';
import type { FedFile, SeenTest, Viewer } from './viewer.ts';

/** Characters kept of each output stream: half of it at either end. */
const OUTPUT_OF_PASSED = 1_000;
const OUTPUT_OF_FAILED = 100_000;

export const jenkins: Viewer = {
  name: 'Jenkins',
  tellsApart: 'suite, class, name',
  read: (files) => ({ tests: files.flatMap(testsOf), hidden: [], refused: [] }),
};

function testsOf({ name, text }: FedFile): SeenTest[] {
  if (text === '') return [madeUp(name, '[empty]')];
  try {
    return suitesOf(parseXml(text)).flatMap((suite) => [
      // An error of the suite becomes a test; a suite with neither that nor tests is not there.
      ...(child(suite, 'error') ? [madeUp(nameOf(suite), '<init>', cellOf(suite))] : []),
      ...casesOf(suite).map(seenTest),
    ]);
  } catch {
    return [madeUp(name, '[failed-to-read]')];
  }
}

function seenTest({ suite, testCase }: JUnitCase): SeenTest {
  const { classname = nameOf(suite), name = '' } = testCase.attributes;
  const outcome = outcomeOf(testCase);
  const outputs = ['system-out', 'system-err'].map((stream) => textOf(testCase, stream));
  const most = outcome === 'failed' ? OUTPUT_OF_FAILED : OUTPUT_OF_PASSED;
  return {
    key: JSON.stringify([nameOf(suite), `${classname}.${name}`]),
    cell: cellOf(suite),
    outcome,
    isFlaky: outcome === 'passed' && child(testCase, 'flakyFailure') !== undefined,
    isCut: outputs.some((output) => output.length > most),
    attachments: outputs.flatMap(attachmentsOf).length,
  };
}

/** Skipped beats failed, and errors are failures. */
function outcomeOf(testCase: XmlTree): SeenTest['outcome'] {
  if (child(testCase, 'skipped')) return 'skipped';
  return child(testCase, 'error') || child(testCase, 'failure') ? 'failed' : 'passed';
}

/** Suites of equal names are merged: of the name only what can stand in an address is left. */
function nameOf({ attributes }: XmlTree): string {
  const { name = '', package: before } = attributes;
  return (before ? `${before}.${name}` : name).replace(/[\s/\\:?#%<>[\]|]/g, '_');
}

function madeUp(suite: string, name: string, cell = ''): SeenTest {
  return {
    ...{ key: JSON.stringify([suite, name]), cell, outcome: 'failed' },
    ...{ isFlaky: false, isCut: false, attachments: 0 },
  };
}
