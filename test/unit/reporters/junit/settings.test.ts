import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { junitDocument, junitDocuments } from '../../../../reporters/junit/document.ts';
import type { JUnitLabel, JUnitSettings } from '../../../../reporters/junit/settings.ts';
import { createReporter } from '../../../../reporters/junit.ts';
import type { CellResult } from '../../../../src/results/model.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { all, parseXml, type XmlTree } from '../../../support/xml-tree.ts';
import { play } from '../print.ts';
import { cellInfo, cellStory, failing, passing, runStory, suite, tested } from '../script.ts';

const COMMON = { duration: 1_000, attachment: (file: string) => file };

const cellOf = (id: string, ...counts: number[]): CellResult =>
  cellStory(cellInfo(id), [
    tested(
      1,
      counts.map((count, at) => ({
        ...suite(`s${at}`, ...Array.from({ length: count }, (_, nth) => passing(`t${nth}`))),
        stdout: `end of s${at}`,
        duration: 5_000,
      })),
    ),
  ]).result;

describe('--junit-label', () => {
  const names = (label: JUnitLabel) => {
    const tree = parseXml([...junitDocument([cellOf('a/node=22', 1)], { ...COMMON, label })].join(''));
    const [testCase] = all(tree, 'testcase');
    return [
      tree.children[0]?.attributes['name'],
      testCase?.attributes['classname'],
      testCase?.attributes['name'],
    ];
  };
  test.each<[JUnitLabel, string[]]>([
    ['both', ['a_node-22/s0', 'a_node-22.s0', 't0']],
    ['suite', ['a_node-22/s0', 's0', 't0']],
    ['classname', ['s0', 'a_node-22.s0', 't0']],
    ['name', ['s0', 's0', '[a_node-22] t0']],
    ['none', ['s0', 's0', 't0']],
  ])('%s', (label, expected) => {
    expect(names(label)).toEqual(expected);
  });
});

describe('--junit-strict', () => {
  test('leaves out what the schemas do not know', () => {
    const cell = cellStory(cellInfo('a'), [
      tested(1, [
        { ...suite('s', passing('t', { file: 'a.js', line: 1, properties: { p: 'v' } })), stdout: 'o' },
      ]),
    ]).result;
    const [tree] = parseXml([...junitDocument([cell], { ...COMMON, strict: true })].join('')).children as [
      XmlTree,
    ];
    expect(Object.keys(tree.attributes)).toEqual(['name', 'tests', 'failures', 'errors', 'skipped', 'time']);
    expect(tree.children.map(({ name }) => name)).toEqual(['properties', 'testcase']);
    expect(all(tree, 'testcase')[0]).toMatchObject({
      attributes: { name: 't', classname: 'a.s', time: '0.012' },
      children: [],
    });
  });
});

describe('--junit-unique', () => {
  const cell = cellStory(cellInfo('a'), [
    tested(1, [
      suite(
        's',
        passing('adds'),
        failing('adds', 'no'),
        passing('adds (2)'),
        passing('adds', { classname: 'c' }),
      ),
      suite('t', passing('adds'), passing('adds', { classname: 'c' })),
    ]),
  ]).result;
  const names = (settings: JUnitSettings) =>
    all(parseXml([...junitDocument([cell], { ...COMMON, ...settings })].join('')), 'testcase').map(
      ({ attributes: { classname, name } }) => `${classname} ${name}`,
    );

  test('numbers tests of one class and name', () => {
    expect(names({})).toEqual(['a.s adds', 'a.s adds', 'a.s adds (2)', 'a.c adds', 'a.t adds', 'a.c adds']);
    expect(names({ unique: true })).toEqual([
      'a.s adds',
      'a.s adds (2)',
      'a.s adds (2) (2)',
      'a.c adds',
      'a.t adds',
      'a.c adds (2)',
    ]);
  });

  test('looks at the name alone where the cell stands in it', () => {
    const told = names({ unique: true, label: 'name' });
    expect(told.map((name) => name.replace(/^\S+ /, ''))).toEqual([
      '[a] adds',
      '[a] adds (2)',
      '[a] adds (2) (2)',
      '[a] adds (3)',
      '[a] adds (4)',
      '[a] adds (5)',
    ]);
  });

  test('is the same where files are cut', () => {
    const files = [...junitDocuments([cell], { ...COMMON, unique: true, maxCases: 2 })];
    const cut = files.flatMap((pieces) => all(parseXml([...pieces].join('')), 'testcase'));
    expect(cut.map(({ attributes: { classname, name } }) => `${classname} ${name}`)).toEqual(
      names({ unique: true }),
    );
  });
});

describe('a limit per file', () => {
  const filesOf = (cells: CellResult[], caps: JUnitSettings): string[] =>
    [...junitDocuments(cells, { ...COMMON, ...caps })].map((pieces) => [...pieces].join(''));
  const casesOf = (xml: string) =>
    all(parseXml(xml), 'testcase').map(
      ({ attributes }) => `${attributes['classname']} ${attributes['name']}`,
    );

  test('of cases cuts suites where it must', () => {
    const files = filesOf([cellOf('a', 3, 2), cellOf('b', 4)], { maxCases: 4 });
    expect(
      files.map((xml) =>
        parseXml(xml).children.map(({ attributes: { name, tests, id } }) => `${id} ${name} ${tests}`),
      ),
    ).toEqual([['0 a/s0 3', '1 a/s1 1'], ['1 a/s1 1', '2 b/s0 3'], ['2 b/s0 1']]);
    expect(files.map((xml) => parseXml(xml).attributes['tests'])).toEqual(['4', '4', '1']);
    // What a suite took and said as a whole stands with a whole one, and at the end.
    expect(parseXml(files[0] ?? '').children.map(({ attributes }) => attributes['time'])).toEqual([
      '5.000',
      '0.012',
    ]);
    expect(files.map((xml) => [...xml.matchAll(/end of s\d/g)].map(String))).toEqual([
      ['end of s0'],
      ['end of s1'],
      ['end of s0'],
    ]);
  });

  test('that is not reached changes nothing', () => {
    const cells = [cellOf('a', 3, 0, 2), cellOf('b')];
    expect(filesOf(cells, { maxCases: 100, maxBytes: 1e6 })).toEqual([
      [...junitDocument(cells, COMMON)].join(''),
    ]);
    expect(filesOf([], { maxCases: 1 })).toHaveLength(1);
  });

  test('of bytes is exceeded only by a case that is larger itself', () => {
    const large = cellStory(cellInfo('l'), [
      tested(1, [suite('s', passing('p'), failing('f', 'x'.repeat(9_000)), passing('q'))]),
    ]);
    const files = filesOf([cellOf('a', 30), large.result], { maxBytes: 3_000 });
    const over = files.filter((xml) => Buffer.byteLength(xml) > 3_000);
    expect(over).toHaveLength(1);
    expect(casesOf(over[0] ?? '')).toEqual(['l.s f']);
  });

  test('loses no case and counts truly, whatever the limits', () => {
    const shapes = fc.array(fc.array(fc.nat(12), { maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(
        shapes,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 600, max: 9_000 }),
        (shape, maxCases, maxBytes) => {
          const cells = shape.map((counts, at) => cellOf(`c${at}`, ...counts));
          const files = filesOf(cells, { maxCases, maxBytes });
          expect(files.flatMap(casesOf)).toEqual(casesOf([...junitDocument(cells, COMMON)].join('')));
          for (const xml of files) {
            const tree = parseXml(xml);
            expect(tree.attributes['tests']).toBe(String(all(tree, 'testcase').length));
            expect(all(tree, 'testcase').length).toBeLessThanOrEqual(maxCases);
            if (all(tree, 'testcase').length > 1)
              expect(Buffer.byteLength(xml)).toBeLessThanOrEqual(maxBytes);
          }
        },
      ),
    );
  });

  test('names the files by number, and takes older ones away', async () => {
    const output = await scratchFolder();
    const { info, result } = { info: cellInfo('a'), result: cellOf('a', 5) };
    const { events } = runStory([{ info, result, events: [{ type: 'cell:end', cell: info, result }] }]);
    for (const name of ['junit-4.xml', 'junit-5.xml', 'junit-6.xml'])
      await writeFile(join(output, name), 'old');
    await play(createReporter, events, { output, junit: { maxCases: 2 } });
    const names = async (folder: string) =>
      (await readdir(folder)).filter((name) => name.endsWith('.xml')).toSorted();
    expect(await names(output)).toEqual(['junit-2.xml', 'junit-3.xml', 'junit.xml']);
    expect(await names(join(output, 'cells/a'))).toEqual(['junit-2.xml', 'junit-3.xml', 'junit.xml']);
    expect(casesOf(await readFile(join(output, 'junit-3.xml'), 'utf8'))).toEqual(['a.s0 t4']);
    await play(createReporter, events, { output });
    expect(await names(output)).toEqual(['junit.xml']);
  });

  test('leaves files alone where the user chose the folder', async () => {
    const folder = await scratchFolder();
    const { events } = runStory([]);
    await writeFile(join(folder, 'all-2.xml'), 'mine');
    const context = { output: join(folder, 'out'), path: join(folder, 'all.xml'), junit: { maxCases: 2 } };
    await play(createReporter, events, context);
    expect(await readFile(join(folder, 'all-2.xml'), 'utf8')).toBe('mine');
  });
});
