import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resultsJson } from '../../../reporters/json.ts';
import { readResultsFile } from '../../../src/report/read-results-file.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { resultOf } from './write-runs.ts';

const RESULT = resultOf(['a/node=20', 'a/node=22', 'b!'], { shard: '1/2' });
const TEXT = [...resultsJson(RESULT)].join('');

async function file(text: string): Promise<string> {
  const path = join(await scratchFolder(), 'results.json');
  await writeFile(path, text);
  return path;
}

async function read(text: string) {
  return readResultsFile(await file(text), 'here');
}

describe('results.json', () => {
  test('is read as it was written', async () => {
    const { run, missing } = await read(TEXT);
    const { finished, outcome: _outcome, exitCode: _exitCode, ...info } = RESULT.run;
    expect(run).toMatchObject({ source: 'here', run: info, finished, interrupted: false });
    expect(run.cells).toEqual(JSON.parse(JSON.stringify(RESULT.cells)));
    expect(missing).toBeUndefined();
  });

  test.each([
    ['laid out anew', JSON.stringify(RESULT, null, 2)],
    ['on one line', JSON.stringify(RESULT)],
    ['with Windows line ends', TEXT.replaceAll('\n', '\r\n')],
  ])('%s is read all the same', async (_what, text) => {
    expect((await read(text)).run.cells.map(({ id }) => id)).toEqual(['a/node=20', 'a/node=22', 'b']);
  });

  test('line ends of other worlds within texts do not cut it', async () => {
    const odd = structuredClone(RESULT);
    odd.cells[0]?.notes.push('a\u2028b\u2029c\u0085d');
    expect((await read([...resultsJson(odd)].join(''))).run.cells[0]?.notes).toEqual([
      'a\u2028b\u2029c\u0085d',
    ]);
  });

  test('cut anywhere keeps the cells before the cut and says how many are missing, or is an error', async () => {
    const path = await file(TEXT);
    const headEnd = TEXT.indexOf('\n');
    for (let size = Buffer.byteLength(TEXT) - 4; size >= 0; size -= 97) {
      await truncate(path, size);
      if (size < headEnd) {
        await expect(readResultsFile(path, 'x')).rejects.toMatchObject({ code: 'RESULTS_DAMAGED' });
        continue;
      }
      const { run, missing } = await readResultsFile(path, 'x');
      const ends = [...TEXT.matchAll(/,?\n/g)].map(({ index }) => index).slice(1);
      expect({ size, cells: run.cells.length }).toEqual({
        size,
        cells: ends.filter((end) => end <= size).length,
      });
      expect(missing).toMatchObject({
        code: 'RESULTS_DAMAGED',
        message: expect.stringContaining('of its 3 cells'),
      });
    }
  });

  test.each([
    [
      'a newer version',
      (text: string) => text.replace('"version":1', '"version":2'),
      'RESULTS_TOO_NEW',
      /version 2/,
    ],
    ['no version', (text: string) => text.replace('"version":1,', ''), 'RESULTS_INVALID', /no `version`/],
    [
      'an unknown outcome',
      (text: string) => text.replace(/("slug":"b".*?"outcome":)"failed"/, '$1"bad"'),
      'RESULTS_INVALID',
      /cell 3 \(b\): \/outcome/,
    ],
    [
      'an unknown key',
      (text: string) => text.replace('"run":{', '"run":{"mood":"good",'),
      'RESULTS_INVALID',
      /"mood"/,
    ],
    [
      'a folder that is none',
      (text: string) => text.replace('"slug":"b"', '"slug":"../b"'),
      'RESULTS_INVALID',
      /\/slug/,
    ],
    ['a shard that is none', (text: string) => text.replace('"1/2"', '"3/2"'), 'SHARD_INVALID', /3\/2/],
    [
      'cells that are no list',
      () => `{${TEXT.slice(1, TEXT.indexOf('"cells":['))}"cells":{}}`,
      'RESULTS_DAMAGED',
      /no cells/,
    ],
    ['nothing in it', () => '', 'RESULTS_DAMAGED', /empty/],
    ['something else in it', () => '<testsuites/>', 'RESULTS_DAMAGED', /not JSON/],
    ['other JSON in it', () => '[1]', 'RESULTS_INVALID', /no `version`/],
    ['null in it', () => 'null', 'RESULTS_INVALID', /no `version`/],
  ])('with %s is refused', async (_what, spoil, code, message) => {
    const text = spoil(TEXT);
    expect(text).not.toBe(TEXT);
    await expect(read(text)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
