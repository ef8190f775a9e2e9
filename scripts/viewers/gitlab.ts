/**
 * GitLab (gitlabhq/gitlabhq, lib/gitlab/ci/parsers/test/junit.rb and lib/gitlab/ci/reports; docs.gitlab.com,
 * ci/testing/unit_test_reports; gitlab-org/gitlab issues 268035 and 507482).
 */
import { child, parseXml, type XmlTree } from '../../test/support/xml-tree.ts';
import { attachmentsOf, casesOf, cellOf, type JUnitCase, suitesOf, textOf } from './junit-cases.ts';
import type { FedFile, Seen, SeenTest, Viewer } from './viewer.ts';

const FILE_BYTES = 30e6;
const JOB_BYTES = 100e6;
/** Characters between two tags. The parser gives up beyond. */
const TEXT = 10e6;
/** Counted here as elements: what the server counts is not documented. */
const OBJECTS = 250_000;

export const gitlab: Viewer = {
  name: 'GitLab',
  tellsApart: 'suite, class, name',
  read(files) {
    const seen: Seen = { tests: [], hidden: [], refused: [] };
    let used = 0;
    for (const file of files) {
      const bytes = Buffer.byteLength(file.text);
      if (bytes > FILE_BYTES || used + bytes > JOB_BYTES) {
        seen.refused.push({ file: file.name, isTold: false });
        continue;
      }
      used += bytes;
      const tests = testsOf(file);
      if (tests) seen.tests.push(...tests);
      else seen.refused.push({ file: file.name, isTold: true });
    }
    const shown = lastOfEach(seen.tests);
    return { ...seen, tests: [...shown], hidden: seen.tests.filter((test) => !shown.has(test)) };
  },
};

function testsOf({ text }: FedFile): SeenTest[] | undefined {
  try {
    const root = parseXml(text);
    if (isTooMuch(root)) return undefined;
    return suitesOf(root).flatMap(casesOf).map(seenTest);
  } catch {
    return undefined;
  }
}

function isTooMuch(root: XmlTree): boolean {
  let elements = 0;
  const isLong = (element: XmlTree): boolean => {
    elements += 1;
    return element.text.length > TEXT || element.children.some(isLong);
  };
  return isLong(root) || elements > OBJECTS;
}

function seenTest({ suite, testCase }: JUnitCase): SeenTest {
  const { classname = '', name = '' } = testCase.attributes;
  const outcome = outcomeOf(testCase);
  const isBad = outcome === 'failed' || outcome === 'error';
  return {
    key: [suite.attributes['name'] ?? '', classname, name].join('_'),
    cell: cellOf(suite),
    outcome,
    // Nothing of it is read.
    isFlaky: false,
    isCut: false,
    // The first one only.
    attachments: isBad ? attachmentsOf(textOf(testCase, 'system-out')).slice(0, 1).length : 0,
  };
}

function outcomeOf(testCase: XmlTree): SeenTest['outcome'] {
  if (child(testCase, 'failure')) return 'failed';
  if (child(testCase, 'error')) return 'error';
  return child(testCase, 'skipped') ? 'skipped' : 'passed';
}

/** Of tests with the same key and outcome the last one is kept; with another outcome it is a test of its own. */
function lastOfEach(tests: readonly SeenTest[]): Set<SeenTest> {
  return new Set(new Map(tests.map((test) => [`${test.outcome} ${test.key}`, test])).values());
}
