/** The strict JUnit profile against the rules of those who validate, by libxml2. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JUnitOptions, junitDocument } from '../../reporters/junit/document.ts';
import type { CellResult, TestCase, TestSuite } from '../../src/results/model.ts';
import { scratchFolder } from '../support/scratch.ts';
import { nastyText } from '../unit/reporters/nasty-text.ts';
import { broken, cellInfo, cellStory, idleCell, tested } from '../unit/reporters/script.ts';

const schema = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const JENKINS = schema('jenkins-junit.xsd');
const SUREFIRE = schema('surefire-suite.xsd');

/** What xmllint complains about; empty when the files are valid. */
function complaints(xsd: string, files: readonly string[]): string {
  const { status, stderr, error } = spawnSync('xmllint', ['--noout', '--nonet', '--schema', xsd, ...files], {
    encoding: 'utf8',
  });
  if (error) throw error;
  return status === 0 ? '' : stderr;
}

async function write(folder: string, name: string, xml: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, xml);
  return path;
}

function documentOf(cells: CellResult[], options: Partial<JUnitOptions> = {}): string {
  return [...junitDocument(cells, { duration: 134_000, attachment: (file) => file, ...options })].join('');
}

/** Each suite as a document: Surefire's schema knows no root around several. */
function suitesOf(xml: string): string[] {
  return [...xml.matchAll(/^ {2}<testsuite [\s\S]*?^ {2}<\/testsuite>$/gm)].map(([suite]) => suite);
}

const everything: TestCase[] = [
  {
    name: 'passed',
    classname: 'C',
    status: 'passed',
    file: 'a.js',
    line: 3,
    duration: 1_234_567_890,
    stdout: 'o',
  },
  { name: 'failed', status: 'failed', failures: [{ message: 'm', type: 'T', text: 't' }, {}], reruns: [{}] },
  { name: 'broke', status: 'error', failures: [{}], reruns: [{ message: 'm' }], stderr: 'e' },
  { name: 'skipped', status: 'skipped', skipReason: 'why' },
  { name: 'silent', status: 'skipped', properties: { p: 'v' } },
  { name: 'flaky', status: 'passed', reruns: [{ message: 'm', text: 't' }, { type: 'T' }] },
];
const suite: TestSuite = {
  name: 's > t',
  file: 'a.js',
  timestamp: '2026-11-21T09:30:00.000Z',
  hostname: 'h',
  properties: { p: '' },
  stdout: 'o',
  stderr: 'e',
  cases: everything,
};
const cells = [
  cellStory(cellInfo('a/node=22'), [tested(1, [suite, { name: '', cases: everything }])], {
    allowedToFail: true,
  }).result,
  cellStory(cellInfo('b'), [broken(1, 'boot', { code: 'X', message: 'x', hint: 'h', details: 'd' })]).result,
  idleCell(cellInfo('c'), { outcome: 'cancelled', reason: 'fail-fast' }).result,
];

describe('the strict profile', () => {
  test.each(['both', 'suite', 'classname', 'name', 'none'] as const)(
    'satisfies both schemas, whatever a test can be (label: %s)',
    async (label) => {
      const folder = await scratchFolder();
      const xml = documentOf(cells, { strict: true, label });
      expect(complaints(JENKINS, [await write(folder, 'all.xml', xml)])).toBe('');
      const suites = suitesOf(xml);
      expect(suites).toHaveLength(4);
      const files = await Promise.all(suites.map((one, at) => write(folder, `${at}.xml`, one)));
      expect(complaints(SUREFIRE, files)).toBe('');
    },
  );

  test('is needed: the usual form says more than either allows', async () => {
    const folder = await scratchFolder();
    const xml = documentOf(cells);
    expect(complaints(JENKINS, [await write(folder, 'all.xml', xml)])).toMatch(/attribute 'file'/);
    expect(complaints(SUREFIRE, [await write(folder, '0.xml', suitesOf(xml)[0] ?? '')])).toMatch(
      /'hostname'/,
    );
  });

  test('holds for any text in any field', async () => {
    const folder = await scratchFolder();
    const failures = fc.array(
      fc.record({ message: nastyText, type: nastyText, text: nastyText }, { requiredKeys: [] }),
      {
        maxLength: 2,
      },
    );
    const testCase: fc.Arbitrary<TestCase> = fc.record(
      {
        name: nastyText,
        status: fc.constantFrom<TestCase['status']>('passed', 'failed', 'error', 'skipped'),
        classname: nastyText,
        duration: fc.double({ min: 0, max: 1e9, noNaN: true }),
        failures,
        reruns: failures,
        skipReason: nastyText,
        stdout: nastyText,
        stderr: nastyText,
      },
      { requiredKeys: ['name', 'status'] },
    );
    const suites = fc.array(
      fc.record({
        name: nastyText,
        properties: fc.dictionary(nastyText, nastyText, { maxKeys: 3 }),
        stdout: nastyText,
        cases: fc.array(testCase, { minLength: 1, maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 3 },
    );
    const made = fc.sample(suites, { numRuns: 40, seed: 7 });
    const all = made.map((one) =>
      documentOf([cellStory(cellInfo('a'), [tested(1, one)]).result], { strict: true }),
    );
    const files = await Promise.all(all.map((xml, at) => write(folder, `all-${at}.xml`, xml)));
    expect(complaints(JENKINS, files)).toBe('');
    const parts = all.flatMap(suitesOf);
    const partFiles = await Promise.all(parts.map((xml, at) => write(folder, `part-${at}.xml`, xml)));
    expect(parts.length).toBe(made.reduce((sum, one) => sum + one.length, 0));
    expect(complaints(SUREFIRE, partFiles)).toBe('');
  });
});
