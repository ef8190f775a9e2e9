import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RESULT_FORMATS } from '../../../matrix/schema/test.ts';
import { DIALECT_NAMES } from '../../../src/results/dialects/dialect.ts';
import { DIALECTS } from '../../../src/results/dialects/registry.ts';
import { readResultFiles, readResults } from '../../../src/results/read-results.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { onlyCase, outline, read } from './read.ts';

const KNOWN = 'vmtest reads JUnit XML, TAP, go test -json, TRX, NUnit 3 XML, xUnit.net XML and CTRF';

describe('what is no result file', () => {
  test.each([
    ['nothing', '', 'the file is empty'],
    ['white space', ' \n\t', 'the file is empty'],
    ['prose', 'all is well\n', `the file is not a test result: it begins with "all is well"; ${KNOWN}`],
    [
      'coverage',
      '<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE coverage>\n<coverage line-rate="1"/>',
      `the file is not a test result: its first element is <coverage>; ${KNOWN}`,
    ],
    [
      'a page',
      '<!doctype html><html><body>testsuite</body></html>',
      `the file is not a test result: its first element is <html>; ${KNOWN}`,
    ],
    ['JSON', '{"tests": 3}', `the file is JSON, not a test result that is known; ${KNOWN}`],
    [
      'what go test says without -json',
      'ok  \texample.com/app\t0.01s\n',
      `the file is not a test result: it begins with "ok  \\texample.com/app\\t0.01s"; ${KNOWN}`,
    ],
    ['a picture', '\x89PNG\r\n\x1a\n\0\0\0', `the file is binary; ${KNOWN}`],
    [
      'a first line with escapes',
      '\x1b[2Jgone',
      `the file is not a test result: it begins with "gone"; ${KNOWN}`,
    ],
  ])('%s', async (_what, content, problem) => {
    expect(await read(content)).toEqual({ suites: [], complete: false, problems: [problem] });
  });

  test('a well-formed file without tests is whole, but said', async () => {
    expect(await read('<testsuites tests="0"/>')).toEqual({
      suites: [],
      complete: true,
      problems: ['the file holds no tests (read as JUnit XML)'],
    });
  });
});

describe('the dialect', () => {
  const go = (output: string) =>
    `{"Action":"output","Package":"p","Test":"T","Output":${JSON.stringify(output)}}\n` +
    '{"Action":"pass","Package":"p","Test":"T"}\n{"Action":"pass","Package":"p"}\n';

  test.each([
    ['go test that prints a report', go('<testsuite name="s"><testcase name="x"/></testsuite>\n1..1\n'), 'T'],
    ['TAP that prints a report', '1..1\nok 1 - a\n# <testsuite><testcase name="x"/></testsuite>\n', 'a'],
    [
      'JUnit that quotes TAP',
      '<testsuite><testcase name="b"><system-out>\n1..1\nok 1 - x\n</system-out></testcase></testsuite>',
      'b',
    ],
    ['JUnit after a word of npm', '> app@1.0.0 test\n\n<testsuite><testcase name="c"/></testsuite>', 'c'],
    ['TAP after a word of npm', '> app@1.0.0 test\n> tape\n\nTAP version 13\nok 1 d\n1..1\n', 'd'],
    ['go test after a download', `go: downloading example.com/x v1.0.0\n${go('')}`, 'T'],
  ])('is that of the earliest sign: %s', async (_what, content, name) => {
    const result = await read(content);
    expect(onlyCase(result).name).toBe(name);
    expect(result.complete).toBe(true);
  });

  test('can be named, for a sign that comes too late', async () => {
    const content = `${'noise\n'.repeat(20_000)}1..1\nok 1 - a\n`;
    expect(await read(content)).toMatchObject({ suites: [], complete: false });
    expect(outline(await read(content, { format: 'tap' }))).toEqual(['tests / - / a: passed']);
  });

  test.each(DIALECT_NAMES)('named %s for a file that is something else is never a pass', async (format) => {
    const result = await read('all is well\n', { format });
    expect(result).toMatchObject({ suites: [], complete: false });
    expect(result.problems).not.toEqual([]);
  });

  test('has the same names in the matrix file', () => {
    expect(DIALECT_NAMES).toEqual(RESULT_FORMATS);
    expect(Object.keys(DIALECTS)).toEqual(RESULT_FORMATS);
  });
});

describe('files', () => {
  test('are read from the disk', async () => {
    const path = join(await scratchFolder(), 'junit.xml');
    await writeFile(path, '<testsuite name="s"><testcase name="a"/></testsuite>');
    expect(outline(await readResults(path))).toEqual(['s / - / a: passed']);
  });

  test('that cannot be read are a problem, not an exception', async () => {
    const folder = await scratchFolder();
    await mkdir(join(folder, 'folder.xml'));
    for (const [name, code] of [
      ['absent.xml', 'ENOENT'],
      ['folder.xml', 'EISDIR'],
    ] as const) {
      expect(await readResults(join(folder, name))).toEqual({
        suites: [],
        complete: false,
        problems: [`the file could not be read: ${code}`],
      });
    }
  });

  test('a source that breaks in the middle leaves what came before', async () => {
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('<testsuite name="s"><testcase name="a"/>');
      throw Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' });
    }
    const result = await readResults(breaking());
    expect(outline(result)).toEqual(['s / - / a: passed']);
    expect(result.complete).toBe(false);
    expect(result.problems).toContain('the file could not be read: ECONNRESET');
  });

  test('of one cell: in order, with their names at their problems, under one limit', async () => {
    const folder = await scratchFolder();
    const files: { name: string; path: string }[] = [];
    const write = async (name: string, content: string) => {
      const path = join(folder, name);
      await writeFile(path, content);
      files.push({ name: `reports/${name}`, path });
    };
    await write('b.xml', '<testsuite name="b"><testcase name="1"/><testcase name="2"/></testsuite>');
    await write('a.xml', '<testsuite name="a"><testcase name="1"/><testcase name="2"/></testsuite>');
    await write('c.json', '{}');
    const result = await readResultFiles(files, { cases: 3 });
    expect(outline(result)).toEqual(['b / - / 1: passed', 'b / - / 2: passed', 'a / - / 1: passed']);
    expect(result.complete).toBe(false);
    expect(result.problems).toEqual([
      'reports/a.xml: there are more than 3 tests; the rest was not read',
      `reports/c.json: the file is JSON, not a test result that is known; ${KNOWN}`,
    ]);
  });

  test('none at all', async () => {
    expect(await readResultFiles([])).toEqual({ suites: [], complete: true, problems: [] });
  });
});
