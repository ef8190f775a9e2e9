import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readResultFiles, readResults } from '../../../src/results/read-results.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { outline, read } from './read.ts';

describe('what is no result file', () => {
  test.each([
    ['nothing', '', 'the file is empty'],
    ['white space', ' \n\t', 'the file is empty'],
    [
      'prose',
      'all is well\n',
      'the file is not a test result: it begins with "all is well"; vmtest reads JUnit XML',
    ],
    [
      'coverage',
      '<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE coverage>\n<coverage line-rate="1"/>',
      'the file is not a test result: its first element is <coverage>; vmtest reads JUnit XML',
    ],
    [
      'a page',
      '<!doctype html><html><body>testsuite</body></html>',
      'the file is not a test result: its first element is <html>; vmtest reads JUnit XML',
    ],
    ['JSON', '{"tests": 3}', 'the file is JSON, not a test result that is known; vmtest reads JUnit XML'],
    ['TAP', 'TAP version 14\n1..1\nok 1\n', 'the file is TAP, which is not read yet; vmtest reads JUnit XML'],
    ['a picture', '\x89PNG\r\n\x1a\n\0\0\0', 'the file is binary; vmtest reads JUnit XML'],
    [
      'a first line with escapes',
      '\x1b[2Jgone',
      'the file is not a test result: it begins with "gone"; vmtest reads JUnit XML',
    ],
  ])('%s', async (_what, content, problem) => {
    expect(await read(content)).toEqual({ suites: [], complete: false, problems: [problem] });
  });

  test('a well-formed file without tests is whole, but said', async () => {
    expect(await read('<testsuites tests="0"/>')).toEqual({
      suites: [],
      complete: true,
      problems: ['the file holds no tests'],
    });
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
      'reports/c.json: the file is JSON, not a test result that is known; vmtest reads JUnit XML',
    ]);
  });

  test('none at all', async () => {
    expect(await readResultFiles([])).toEqual({ suites: [], complete: true, problems: [] });
  });
});
