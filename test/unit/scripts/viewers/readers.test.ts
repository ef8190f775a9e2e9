/** Each reader against the smallest XML that shows a rule of its viewer. */
import { describe, expect, test } from 'vitest';
import { azure } from '../../../../scripts/viewers/azure.ts';
import { readJob } from '../../../../scripts/viewers/github.ts';
import { gitlab } from '../../../../scripts/viewers/gitlab.ts';
import { jenkins } from '../../../../scripts/viewers/jenkins.ts';
import { isRed, type Viewer } from '../../../../scripts/viewers/viewer.ts';

const VIEWERS = [jenkins, gitlab, azure];

const suite = (inside: string, name = 's', more = '') =>
  `<testsuites><testsuite name="${name}" ${more}>${inside}</testsuite></testsuites>`;
const testCase = (inside = '', name = 't', classname = 'c') =>
  `<testcase name="${name}" classname="${classname}">${inside}</testcase>`;
const seenBy = (viewer: Viewer, ...texts: string[]) =>
  viewer.read(texts.map((text, at) => ({ name: `junit-${at}.xml`, text })));
const outcomes = (viewer: Viewer, ...texts: string[]) =>
  seenBy(viewer, ...texts).tests.map(({ outcome }) => outcome);
const keys = (viewer: Viewer, ...texts: string[]) =>
  new Set(seenBy(viewer, ...texts).tests.map(({ key }) => key)).size;
const FAILURE = '<failure message="no">no</failure>';
const ERROR = '<error message="no">no</error>';

test.each([
  [jenkins, ['failed', 'skipped', 'passed']],
  [gitlab, ['error', 'failed', 'passed']],
  [azure, ['failed', 'failed', 'passed']],
])('$name: which of two results of a case counts', (viewer, expected) => {
  const both = suite(
    testCase(ERROR, 'e') +
      testCase(`<skipped/>${FAILURE}`, 'both') +
      testCase('<system-out>o</system-out>', 'p'),
  );
  expect(outcomes(viewer, both)).toEqual(expected);
});

test.each(VIEWERS)('$name: nested suites are walked', (viewer) => {
  const inner = `<testsuite name="inner">${testCase()}</testsuite>`;
  expect(seenBy(viewer, suite(inner + testCase())).tests).toHaveLength(2);
});

test.each([
  [jenkins, { suites: 2, classes: 2, files: 1, cases: 2 }],
  [gitlab, { suites: 2, classes: 2, files: 1, cases: 1 }],
  [azure, { suites: 1, classes: 1, files: 2, cases: 2 }],
])('$name: what tells two tests apart', (viewer, { suites, classes, files, cases }) => {
  const pair = `<testsuites><testsuite name="a">${testCase()}</testsuite><testsuite name="b">${testCase()}</testsuite></testsuites>`;
  expect(keys(viewer, pair)).toBe(suites);
  expect(keys(viewer, suite(testCase('', 't', 'c') + testCase('', 't', 'd')))).toBe(classes);
  expect(keys(viewer, suite(testCase()), suite(testCase()))).toBe(files);
  // Both failed, and one name: how many are shown.
  expect(outcomes(viewer, suite(testCase(FAILURE) + testCase(FAILURE)))).toHaveLength(cases);
});

test.each([
  [jenkins, true],
  [gitlab, false],
  [azure, false],
])('$name: a test that passed at last', (viewer, isFlaky) => {
  const seen = seenBy(viewer, suite(testCase('<flakyFailure message="no" type="x"/>')));
  expect(seen.tests).toMatchObject([{ outcome: 'passed', isFlaky }]);
  expect(seenBy(viewer, suite(testCase(`${FAILURE}<rerunFailure type="x"/>`))).tests).toMatchObject([
    { outcome: 'failed', isFlaky: false },
  ]);
});

test.each([
  [jenkins, [3, 3, 1]],
  [gitlab, [0, 1, 0]],
  [azure, [0, 2, 0]],
])('$name: attachments of tests that passed, failed, and of standard error', (viewer, expected) => {
  const out = '<system-out>[[ATTACHMENT|a/b.png]]\n[[ATTACHMENT|c.log]]</system-out>';
  const err = '<system-err>[[ATTACHMENT|d.log]]</system-err>';
  const xml = suite(
    testCase(out + err, 'p') + testCase(FAILURE + out + err, 'f') + testCase(err, 'only error output'),
  );
  expect(seenBy(viewer, xml).tests.map(({ attachments }) => attachments)).toEqual(expected);
});

describe('Jenkins', () => {
  test('makes tests of what it cannot read, and of errors of suites', () => {
    expect(outcomes(jenkins, '', '<testsuites><', suite(ERROR), suite(''))).toEqual([
      'failed',
      'failed',
      'failed',
    ]);
  });

  test('merges suites whose names differ in what an address cannot hold', () => {
    expect(keys(jenkins, suite(testCase(), 'a/b'), suite(testCase(), 'a b'))).toBe(1);
    expect(keys(jenkins, suite(testCase(), 'b'), suite(testCase(), 'b', 'package="a"'))).toBe(2);
  });

  test('cuts outputs, of passed tests sooner', () => {
    const said = (length: number) => `<system-out>${'x'.repeat(length)}</system-out>`;
    const cut = (...cases: string[]) =>
      seenBy(jenkins, suite(cases.join(''))).tests.map(({ isCut }) => isCut);
    expect(cut(testCase(said(1_000)), testCase(said(1_001)), testCase(FAILURE + said(1_001)))).toEqual([
      false,
      true,
      false,
    ]);
    expect(cut(testCase(FAILURE + said(100_001)))).toEqual([true]);
  });
});

describe('GitLab', () => {
  test('leaves out a file above 30 MB, and stays green', () => {
    const seen = seenBy(gitlab, suite(testCase(FAILURE)) + ' '.repeat(30e6), suite(testCase()));
    expect(seen).toMatchObject({ tests: [{ outcome: 'passed' }], refused: [{ isTold: false }] });
    expect(isRed(seen)).toBe(false);
  });

  test('leaves out what is above 100 MB in all', () => {
    const large = suite(testCase()) + ' '.repeat(26e6);
    expect(seenBy(gitlab, large, large, large, large).refused).toHaveLength(1);
  });

  test('says that it cannot read what is damaged, too long or too much', () => {
    const bad = [
      '<testsuites><',
      suite(testCase(`<failure>${'x'.repeat(10e6 + 1)}</failure>`)),
      suite('<p/>'.repeat(250_000)),
    ];
    for (const text of bad) {
      const seen = seenBy(gitlab, text);
      expect(seen.refused).toMatchObject([{ isTold: true }]);
      expect(isRed(seen)).toBe(true);
    }
  });

  test('keeps a test once for each outcome', () => {
    const cases = testCase(FAILURE) + testCase() + testCase(FAILURE) + testCase(ERROR);
    expect(outcomes(gitlab, suite(cases)).toSorted()).toEqual(['error', 'failed', 'passed']);
  });
});

describe('Azure DevOps', () => {
  test('drops tests without a name, and files that are damaged', () => {
    const seen = seenBy(azure, suite('<testcase classname="c"/>'), '<testsuites><');
    expect(seen).toMatchObject({ tests: [], refused: [{ isTold: false }] });
  });

  test('cuts names', () => {
    const long = 'x'.repeat(512);
    const seen = seenBy(
      azure,
      suite(testCase('', `${long}1`) + testCase('', `${long}2`) + testCase('', long)),
    );
    expect(seen.tests.map(({ isCut }) => isCut)).toEqual([true, true, false]);
    expect(new Set(seen.tests.map(({ key }) => key)).size).toBe(1);
  });
});

describe('GitHub', () => {
  test('obeys commands but for those between fences', () => {
    const lines = [
      '::stop-commands::abc',
      '::error title=guest::bad',
      '::abc::',
      '::error file=a%2Cb.js,line=3,title=100%25%3A no::first%0Asecond',
      'text ::error::not at the beginning',
    ];
    expect(readJob(lines.join('\n'), '').annotations).toEqual([
      { level: 'error', title: '100%: no', file: 'a,b.js', message: 'first\nsecond', isCut: false },
    ]);
  });

  test('shows ten of each level, and a summary of 1 MiB', () => {
    const many = Array.from({ length: 12 }, (_, at) => `::error title=${at}::e\n::warning title=${at}::w`);
    const job = readJob(many.join('\n'), 'x'.repeat(1024 * 1024));
    expect(job.annotations).toHaveLength(20);
    expect(job.dropped).toBe(4);
    expect(job.summary).not.toBe('');
    expect(readJob('', 'ä'.repeat(600_000)).summary).toBe('');
  });
});
