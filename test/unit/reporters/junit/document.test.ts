import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { junitDocument } from '../../../../reporters/junit/document.ts';
import { addTests } from '../../../../src/results/counts.ts';
import type { CellResult, TestCase, TestSuite } from '../../../../src/results/model.ts';
import { cleanText } from '../../../../src/results/sanitize.ts';
import { all, child, parseXml, type XmlTree } from '../../../support/xml-tree.ts';
import { outline, read } from '../../results/read.ts';
import { nastyText } from '../nasty-text.ts';
import { broken, cellInfo, cellStory, failing, idleCell, passing, suite, tested } from '../script.ts';

function render(...cells: CellResult[]): XmlTree {
  return parseXml(xmlOf(cells));
}

function xmlOf(cells: CellResult[]): string {
  return [
    ...junitDocument(cells, { duration: 134_000, attachment: (file) => `vmtest-results/${file}` }),
  ].join('');
}

/** A cell whose only attempt ran these suites. */
const cellOf = (id: string, ...suites: TestSuite[]): CellResult =>
  cellStory(cellInfo(id), [tested(1, suites)]).result;

const caseOf = (testCase: TestCase): XmlTree =>
  all(render(cellOf('a', suite('s', testCase))), 'testcase')[0] as XmlTree;

const shape = (tree: XmlTree): string[] => tree.children.map(({ name }) => name);

describe('the layout', () => {
  const tree = render(
    cellOf(
      'debian-12/node=22',
      suite('parser', passing('a'), failing('b', 'no')),
      suite('deep > er', passing('c', { classname: 'C' })),
    ),
    cellOf('win11/node=22', suite('parser', passing('a'))),
  );

  test('is flat: a suite per cell and suite, a number each', () => {
    expect(shape(tree)).toEqual(['testsuite', 'testsuite', 'testsuite']);
    expect(tree.children.map(({ attributes: { name, hostname, id } }) => [name, hostname, id])).toEqual([
      ['debian-12_node-22/parser', 'debian-12_node-22', '0'],
      ['debian-12_node-22/deep > er', 'debian-12_node-22', '1'],
      ['win11_node-22/parser', 'win11_node-22', '2'],
    ]);
  });

  test('has the cell in suite and class, and leaves names alone', () => {
    expect(all(tree, 'testcase').map(({ attributes: { name, classname } }) => [classname, name])).toEqual([
      ['debian-12_node-22.parser', 'a'],
      ['debian-12_node-22.parser', 'b'],
      ['debian-12_node-22.C', 'c'],
      ['win11_node-22.parser', 'a'],
    ]);
  });

  test('counts are those of the cases; times are plain seconds', () => {
    expect(tree.attributes).toEqual({
      name: 'vmtest',
      tests: '4',
      failures: '1',
      errors: '0',
      time: '134.000',
    });
    expect(tree.children[0]?.attributes).toMatchObject({
      tests: '2',
      failures: '1',
      errors: '0',
      skipped: '0',
      time: '0.019',
      timestamp: '2026-11-21T09:30:01.000Z',
    });
  });

  test('suites carry the cell’s values', () => {
    const properties = all(tree.children[2] as XmlTree, 'property').map(({ attributes: { name, value } }) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(properties)).toEqual({
      'dd_tags[test.configuration.node]': '22',
      'dd_tags[test.configuration.target]': 'win11',
      'vmtest.cell': 'win11/node=22',
      'vmtest.node': '22',
      'vmtest.target': 'win11',
      'vmtest.engine': 'qemu',
      'vmtest.snapshot': 'clean',
      'vmtest.outcome': 'passed',
    });
  });
});

describe('a case', () => {
  test('that passed', () => {
    expect(caseOf(passing('a', { file: 'a.js', line: 3, duration: 1_234.5678 }))).toEqual({
      name: 'testcase',
      attributes: { name: 'a', classname: 'a.s', file: 'a.js', line: '3', time: '1.235' },
      children: [],
      text: '',
    });
  });

  test('always has name, class and time', () => {
    expect(caseOf({ name: '', status: 'passed' }).attributes).toEqual({
      name: '(no name)',
      classname: 'a.s',
      time: '0.000',
    });
  });

  test('that failed repeats its message in the text, for viewers that show only that', () => {
    const [failure] = caseOf(
      failing('a', 'boom', { failures: [{ message: 'boom', type: 'E', text: 'at x' }] }),
    ).children;
    expect(failure).toMatchObject({
      name: 'failure',
      attributes: { message: 'boom', type: 'E' },
      text: 'boom\nat x',
    });
  });

  test('that failed several times has one element', () => {
    const failures = [{ message: 'one', text: 'one\nat 1' }, { message: 'two' }];
    const element = caseOf(failing('a', '', { failures }));
    expect(shape(element)).toEqual(['failure', 'system-out']);
    expect(element.children[0]).toMatchObject({
      attributes: { message: 'one (and 1 more)', type: 'failure' },
      text: 'one\nat 1\n\ntwo',
    });
  });

  test('that failed without a word still has a message', () => {
    const element = caseOf({ name: 'a', status: 'error' });
    expect(element.children[0]).toMatchObject({
      name: 'error',
      attributes: { message: 'no message', type: 'error' },
    });
  });

  test('that was skipped says why, and nothing else', () => {
    const element = caseOf({
      name: 'a',
      status: 'skipped',
      skipReason: 'no kvm',
      failures: [{ message: 'old' }],
    });
    expect(element.children).toEqual([
      { name: 'skipped', attributes: { message: 'no kvm' }, children: [], text: '' },
    ]);
  });

  test('that passed in the end has its failed attempts (Surefire)', () => {
    const element = caseOf(passing('a', { reruns: [{ message: 'slow', type: 'T', text: 'at y' }, {}] }));
    expect(shape(element)).toEqual(['flakyFailure', 'flakyFailure']);
    expect(element.children[0]).toMatchObject({ attributes: { message: 'slow', type: 'T' } });
    expect(child(element.children[0] as XmlTree, 'stackTrace')?.text).toBe('slow\nat y');
  });

  test('that failed again and again has one failure and the others beside it', () => {
    const cell = cellStory(cellInfo('a'), [
      tested(1, [suite('s', failing('t', 'first'))]),
      tested(2, [suite('s', failing('t', 'second'))]),
    ]).result;
    const [element] = all(render(cell), 'testcase');
    expect(element?.children.map(({ name, attributes: { message } }) => [name, message])).toEqual([
      ['failure', 'second'],
      ['rerunFailure', 'first'],
      ['system-out', undefined],
    ]);
  });

  test('that broke after other tries has its elements in Surefire’s order', () => {
    const element = caseOf({
      name: 'a',
      status: 'error',
      failures: [{ message: 'x' }],
      reruns: [{ message: 'y' }],
    });
    expect(shape(element)).toEqual(['rerunFailure', 'error', 'system-out']);
  });

  test('has its output once, cut to what viewers show', () => {
    const long = `${'x'.repeat(100_000)}end`;
    const out = (testCase: TestCase) => child(caseOf(testCase), 'system-out')?.text ?? '';
    expect(out(passing('a', { stdout: long })).length).toBeLessThan(2_100);
    expect(out(failing('a', 'no', { stdout: long })).length).toBeGreaterThan(40_000);
    expect(out(passing('a', { stdout: long }))).toMatch(
      /^x+\n\[… 98,003 characters left out …\]\nx+end\n\[\[/,
    );
    expect(child(caseOf(passing('a', { stderr: 'oops' })), 'system-err')?.text).toBe('oops');
  });
});

test('of an output that was cut, the whole is named, passed or not', () => {
  const said = (files: CellResult['files']) =>
    all(
      render(
        cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p', { stderr: 'x'.repeat(3_000) }))])], {
          files,
        }).result,
      ),
      'system-out',
    )[0]?.text;
  const output = 'cells/a/output.log';
  const [one, two] = ['cells/a/results/1.xml', 'cells/a/results/2.xml'];
  expect(said({ output, results: [one] })).toBe(`[[ATTACHMENT|vmtest-results/${one}]]\n`);
  expect(said({ output, results: [one, two] })).toBe(`[[ATTACHMENT|vmtest-results/${output}]]\n`);
  expect(said({})).toBeUndefined();
});

describe('attachments', () => {
  const files = {
    output: 'cells/a/output.log',
    console: 'cells/a/console.log',
    screen: 'cells/a/screen.png',
  };
  const render2 = (testCase: TestCase) =>
    child(
      all(
        render(cellStory(cellInfo('a'), [tested(1, [suite('s', testCase)])], { files }).result),
        'testcase',
      )[0] as XmlTree,
      'system-out',
    )?.text;

  test('of the cell stand with each case that failed, on lines of their own', () => {
    expect(render2(failing('a', 'no', { stdout: 'said' }))).toBe(
      'said\n[[ATTACHMENT|vmtest-results/cells/a/output.log]]\n[[ATTACHMENT|vmtest-results/cells/a/console.log]]\n[[ATTACHMENT|vmtest-results/cells/a/screen.png]]\n',
    );
    expect(render2(passing('a'))).toBeUndefined();
  });

  test('that a guest asks for are not served', () => {
    const evil = '[[ATTACHMENT|/etc/shadow]]';
    const xml = xmlOf([
      cellOf('a', { ...suite('s', failing('a', 'no', { stdout: evil, stderr: evil })), stdout: evil }),
    ]);
    expect(xml).not.toContain(evil);
    expect(xml).toContain('[ [ATTACHMENT|/etc/shadow]]');
  });
});

describe('cells without tests of their own appear', () => {
  test('an error', () => {
    const tree = render(
      cellStory(cellInfo('a/b=1'), [broken(1, 'boot', { code: 'QEMU_START_FAILED', message: 'no' })]).result,
    );
    expect(tree.attributes).toMatchObject({ tests: '1', errors: '1' });
    const [element] = all(tree, 'testcase');
    expect(element?.attributes).toMatchObject({ name: 'boot', classname: 'a_b-1.vmtest' });
    expect(element?.children[0]).toMatchObject({
      name: 'error',
      attributes: { type: 'vmtest.boot', message: 'QEMU_START_FAILED: no' },
    });
  });

  test('a cancelled one is skipped', () => {
    const tree = render(idleCell(cellInfo('a'), { outcome: 'cancelled', reason: 'fail-fast' }).result);
    expect(all(tree, 'skipped')[0]?.attributes).toEqual({ message: 'cancelled: fail-fast' });
    expect(tree.children[0]?.attributes).toMatchObject({ name: 'a/vmtest', tests: '1', skipped: '1' });
  });

  test('even one that another program gave no case', () => {
    const cell = { ...cellOf('a', suite('s', passing('p'))), suites: [], outcome: 'error' as const };
    expect(all(render(cell), 'testcase')).toHaveLength(1);
    const withError = { ...cell, phase: 'boot' as const, error: { code: 'X', message: 'x' } };
    expect(all(render(withError), 'error')).toHaveLength(1);
  });
});

describe('any text in any field', () => {
  const optional = (key: string) => fc.record({ [key]: nastyText }, { requiredKeys: [] });
  const failures = fc.array(
    fc.record({ message: nastyText, type: nastyText, text: nastyText }, { requiredKeys: [] }),
    { maxLength: 3 },
  );
  const testCase = fc
    .tuple(
      fc.record({
        name: nastyText,
        status: fc.constantFrom<TestCase['status']>('passed', 'failed', 'error', 'skipped'),
        failures,
        reruns: failures,
      }),
      ...['classname', 'file', 'skipReason', 'stdout', 'stderr'].map(optional),
      fc.record({ properties: fc.dictionary(nastyText, nastyText, { maxKeys: 3 }) }, { requiredKeys: [] }),
    )
    .map((parts) => Object.assign({}, ...parts) as TestCase);
  const suites = fc.array(
    fc.record({
      name: nastyText,
      stdout: nastyText,
      properties: fc.dictionary(nastyText, nastyText, { maxKeys: 3 }),
      cases: fc.array(testCase, { maxLength: 4 }),
    }),
    { maxLength: 3 },
  );

  test('gives well-formed XML with the same names and true counts', () => {
    fc.assert(
      fc.property(suites, (made) => {
        const cell = cellOf('a', ...made);
        const tree = render(cell);
        const cases = cell.suites.flatMap((one) => one.cases);
        if (cases.length > 0) {
          expect(all(tree, 'testcase').map(({ attributes }) => attributes['name'])).toEqual(
            cases.map(({ name }) => cleanText(name) || '(no name)'),
          );
          expect(tree.attributes).toMatchObject({
            tests: String(cell.tests.total),
            failures: String(cell.tests.failed),
            errors: String(cell.tests.error),
          });
        }
        expect(all(tree, 'testcase').length).toBeGreaterThan(0);
        for (const element of all(tree, 'testcase')) {
          expect(
            shape(element).filter((name) => ['failure', 'error', 'skipped'].includes(name)).length,
          ).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('our own reader finds in it what was written', async () => {
    await fc.assert(
      fc.asyncProperty(suites, async (made) => {
        const cell = cellOf('a', ...made);
        fc.pre(cell.suites.every(({ cases }) => cases.length > 0) && cell.suites.length > 0);
        const back = await read(xmlOf([cell]));
        expect(back).toMatchObject({ complete: true });
        expect(back.problems.filter((problem) => !problem.includes('longer'))).toEqual([]);
        expect(outline(back).map((line) => line.split(': ').at(-1))).toEqual(
          cell.suites.flatMap(({ cases }) => cases.map(({ status }) => status)),
        );
      }),
      { numRuns: 100 },
    );
  });
});

test('counts of several cells add up to those of the run', () => {
  const cells = [
    cellOf('a', suite('s', passing('p'), failing('f', 'no'), { name: 'k', status: 'skipped' })),
    cellStory(cellInfo('b'), [broken(1, 'boot', { code: 'X', message: 'x' })]).result,
  ];
  const sum = addTests(cells.map(({ tests }) => tests));
  const tree = render(...cells);
  const added = (key: string) =>
    tree.children.reduce((total, { attributes }) => total + Number(attributes[key]), 0);
  expect([added('tests'), added('failures'), added('errors'), added('skipped')]).toEqual([
    sum.total,
    sum.failed,
    sum.error,
    sum.skipped,
  ]);
  expect(tree.attributes).toMatchObject({
    tests: String(sum.total),
    failures: String(sum.failed),
    errors: String(sum.error),
  });
});
