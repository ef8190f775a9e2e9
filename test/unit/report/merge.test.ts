import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { merge } from '../../../src/report/merge.ts';
import { readInputs } from '../../../src/report/read-inputs.ts';
import type { RunInfo } from '../../../src/results/model.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { RUN } from '../reporters/script.ts';
import { resultOf, writeRun } from './write-runs.ts';

const SELF: RunInfo = { ...RUN, id: 'self', started: '2026-12-01T00:00:00.000Z' };

interface Made {
  cells: string[];
  run?: Partial<RunInfo>;
  /** Of the first cell. */
  index?: number;
}

/** Runs by the names of their folders, and foreign files by name and text, merged. */
async function mergeAll(
  runs: Record<string, Made>,
  files: Record<string, string> = {},
  named: string[] = [],
) {
  const cwd = await scratchFolder();
  for (const [name, { cells, run, index = 0 }] of Object.entries(runs)) {
    const result = resultOf(cells, run);
    for (const cell of result.cells) cell.index += index;
    await writeRun(join(cwd, name), result);
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  const cells = named.map((text) => {
    const [name = '', path = ''] = text.split(' ');
    return { name, path };
  });
  const paths = [
    ...Object.keys(runs),
    ...Object.keys(files).filter((name) => !named.some((one) => one.endsWith(` ${name}`))),
  ];
  return merge(await readInputs({ paths, cells, cwd }), SELF);
}

const ids = ({ result }: Awaited<ReturnType<typeof mergeAll>>) => result.cells.map(({ id }) => id);
const shard = (text: string, started = RUN.started): Partial<RunInfo> => ({ shard: text, started });
const PASSED = '<testsuites><testsuite name="s"><testcase name="t" time="2"/></testsuite></testsuites>';
const FAILED = '<testsuite name="s"><testcase name="t"><failure message="no"/></testcase></testsuite>';

describe('shards', () => {
  test('are one run, in the order of the matrix file, whatever their order here', async () => {
    const merged = await mergeAll({
      two: { cells: ['c', 'd!'], run: shard('2/2', '2026-11-21T09:30:05.000Z'), index: 2 },
      one: { cells: ['a', 'b'], run: shard('1/2') },
    });
    expect(ids(merged)).toEqual(['a', 'b', 'c', 'd']);
    expect(merged.result.run).toMatchObject({
      outcome: 'failed',
      exitCode: 1,
      started: RUN.started,
      matrix: 'matrix.yml',
    });
    expect(merged.result.run).not.toHaveProperty('shard');
    expect(merged.result.summary.cells).toMatchObject({ total: 4, passed: 3, failed: 1 });
    expect(merged.complaints).toEqual([]);
  });

  test('that are missing are named, and a cell in error', async () => {
    const merged = await mergeAll({ two: { cells: ['b'], run: shard('2/4'), index: 1 } });
    expect(merged.complaints.map(({ message }) => message)).toEqual([
      '3 shards are missing of matrix.yml: 1/4, 3/4, 4/4',
    ]);
    expect(ids(merged)).toEqual(['b', 'vmtest-report/matrix=matrix.yml/shards=missing']);
    expect(merged.result.run).toMatchObject({ outcome: 'error', exitCode: 3 });
    expect(merged.result.cells[1]).toMatchObject({ phase: 'collect', error: { code: 'SHARD_MISSING' } });
  });

  test('merged in part may be merged again: with the others when one is alone, else the gap stays', async () => {
    const cwd = await scratchFolder();
    const part = async (name: string, ...paths: string[]) => {
      const { result } = merge(await readInputs({ paths, cells: [], cwd }), SELF);
      await writeRun(join(cwd, name), result);
      return result;
    };
    const ran = async (at: number) => {
      const result = resultOf(['abc'.charAt(at - 1)], shard(`${at}/3`));
      for (const cell of result.cells) cell.index = at;
      await writeRun(join(cwd, `${at}`), result);
    };
    await Promise.all([1, 2, 3].map(ran));
    expect((await part('alone', '1')).run).toMatchObject({ shard: '1/3', exitCode: 3 });
    expect((await part('alone', 'alone')).cells).toHaveLength(2);
    expect((await part('all', 'alone', '2', '3')).cells.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    await part('two', '1', '3');
    expect((await part('two', 'two')).cells.map(({ id }) => id)).toEqual([
      'a',
      'c',
      'vmtest-report/matrix=matrix.yml/shards=missing',
    ]);
    expect((await part('two', 'two')).run.exitCode).toBe(3);
  });

  test('of different cuts do not complete each other', async () => {
    const { complaints } = await mergeAll({
      one: { cells: ['a'], run: shard('1/2') },
      two: { cells: ['b'], run: shard('2/3'), index: 1 },
    });
    expect(complaints.map(({ message }) => message)).toEqual([
      'a shard is missing of matrix.yml: 2/2',
      '2 shards are missing of matrix.yml: 1/3, 3/3',
    ]);
  });

  test('that were run again stand for their first try, which is named', async () => {
    const merged = await mergeAll({
      again: { cells: ['a'], run: shard('1/2', '2026-11-21T10:00:00.000Z') },
      first: { cells: ['a!'], run: shard('1/2') },
      other: { cells: ['b'], run: shard('2/2'), index: 1 },
    });
    expect(merged.result.run.exitCode).toBe(0);
    expect(merged.notes).toEqual(['first: shard 1/2 was run again (again): that one stands']);
  });
});

describe('expected cells', () => {
  test('that are missing are in error, each in its place', async () => {
    const cwd = await scratchFolder();
    const all = resultOf(['a', 'b', 'c']).cells;
    const run = resultOf(['a', 'b', 'c']);
    run.cells.splice(1, 1);
    await writeRun(join(cwd, 'one'), run);
    const read = await readInputs({ paths: ['one'], cells: [], cwd });
    const { result, complaints } = merge(read, SELF, all);
    expect(result.cells.map(({ id, outcome, error }) => [id, outcome, error?.code])).toEqual([
      ['a', 'passed', undefined],
      ['b', 'error', 'CELL_MISSING'],
      ['c', 'passed', undefined],
    ]);
    expect(complaints.map(({ message }) => message)).toEqual(['a cell is missing: b']);
    expect(result.run.exitCode).toBe(3);
  });
});

describe('two cells of one id', () => {
  test.each([
    ['in two runs', { one: { cells: ['a'] }, two: { cells: ['a'] } }, 'in one, two'],
    [
      'in shards of different cells',
      { one: { cells: ['a'], run: shard('1/1') }, two: { cells: ['a', 'b'], run: shard('1/1') } },
      'in one, two',
    ],
  ])('%s are refused', async (_what, runs, where) => {
    await expect(mergeAll(runs)).rejects.toMatchObject({
      code: 'CELL_TWICE',
      message: expect.stringContaining(where),
    });
  });

  test('are no two when one folder is named twice', async () => {
    const cwd = await scratchFolder();
    await writeRun(join(cwd, 'one'), resultOf(['a']));
    const paths = ['one', 'one/', 'one/results.json', join(cwd, 'one')];
    expect(merge(await readInputs({ paths, cells: [], cwd }), SELF).result.cells).toHaveLength(1);
  });

  test('of a run and a foreign file are refused', async () => {
    await expect(mergeAll({ one: { cells: ['a'] } }, { 'x.xml': PASSED }, ['a x.xml'])).rejects.toMatchObject(
      {
        code: 'CELL_TWICE',
      },
    );
  });
});

describe('runs of several matrix files', () => {
  test('come one after the other, with folders and indexes of their own', async () => {
    const merged = await mergeAll({
      one: { cells: ['A/x', 'b'] },
      two: { cells: ['a/x'], run: { matrix: 'other.yml', started: '2026-11-21T09:00:00.000Z' } },
    });
    expect(ids(merged)).toEqual(['A/x', 'b', 'a/x']);
    expect(merged.result.cells.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set(merged.result.cells.map(({ slug }) => slug)).size).toBe(3);
    expect(merged.cells.map(({ folder }) => folder?.split('/').slice(-3).join('/'))).toEqual([
      'one/cells/a_x',
      'one/cells/b',
      'two/cells/a_x',
    ]);
    expect(merged.result.run).not.toHaveProperty('matrix');
  });
});

describe('foreign files', () => {
  test('are cells, named or by their own name', async () => {
    const merged = await mergeAll({ one: { cells: ['a'] } }, { 'mac.xml': FAILED, 'junit-win.xml': PASSED }, [
      'macos-15/node=22 mac.xml',
    ]);
    const told = merged.result.cells.map(({ id, target, values, engine, outcome, index }) => ({
      id,
      target,
      values,
      engine,
      outcome,
      index,
    }));
    expect(told.slice(1)).toEqual([
      { id: 'junit-win', target: 'junit-win', values: {}, engine: 'elsewhere', outcome: 'passed', index: 1 },
      {
        id: 'macos-15/node=22',
        target: 'macos-15',
        values: { node: '22' },
        engine: 'elsewhere',
        outcome: 'failed',
        index: 2,
      },
    ]);
    expect(merged.result.cells[1]?.timings).toEqual({ run: 2_000 });
  });

  test('several may be of one cell', async () => {
    const merged = await mergeAll({}, { 'a.xml': PASSED, 'b.xml': FAILED }, ['mac a.xml', 'mac b.xml']);
    expect(merged.result.summary).toMatchObject({
      cells: { total: 1, failed: 1 },
      tests: { total: 2, failed: 1 },
    });
    expect(merged.result.run.id).toBe('self');
  });

  test.each([
    ['cut off', `${FAILED.slice(0, 40)}`, 'RESULTS_INCOMPLETE'],
    ['empty', '', 'RESULTS_INCOMPLETE'],
    ['without tests', '<testsuites/>', 'RESULTS_EMPTY'],
    ['binary', '\0\x01\x02', 'RESULTS_INCOMPLETE'],
  ])('that are %s are errors, never a pass', async (_what, text, code) => {
    const { result } = await mergeAll({}, { 'x.xml': text });
    expect(result.cells[0]).toMatchObject({ outcome: 'error', phase: 'collect', error: { code } });
    expect(result.run.exitCode).toBe(3);
  });

  test('that are not there are errors', async () => {
    const { result } = await mergeAll({}, {}, ['mac nowhere.xml']);
    expect(result.cells[0]).toMatchObject({
      id: 'mac',
      outcome: 'error',
      error: { message: expect.stringContaining('ENOENT') },
    });
  });
});

describe('what cannot be read', () => {
  test('is a gap beside everything else', async () => {
    const cwd = await scratchFolder();
    await writeRun(join(cwd, 'good'), resultOf(['a']));
    await mkdir(join(cwd, 'empty'));
    await mkdir(join(cwd, 'bad'));
    await writeFile(join(cwd, 'bad/results.json'), '{"version":7}');
    const read = await readInputs({ paths: ['good', 'empty', 'bad', 'nowhere'], cells: [], cwd });
    const { result, complaints } = merge(read, SELF);
    expect(complaints.map(({ code, message }) => [code, message.split(':')[0]])).toEqual([
      ['RESULTS_MISSING', 'empty'],
      ['RESULTS_TOO_NEW', 'bad'],
      ['RESULTS_MISSING', 'nowhere'],
    ]);
    expect(result.cells.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['a', 'passed'],
      ['vmtest-report/input=empty', 'error'],
      ['vmtest-report/input=bad', 'error'],
      ['vmtest-report/input=nowhere', 'error'],
    ]);
    expect(result.run.exitCode).toBe(3);
  });

  test('a folder of folders is all of them, those without results left out', async () => {
    const cwd = await scratchFolder();
    await writeRun(join(cwd, 'all/one'), resultOf(['a']));
    await writeRun(join(cwd, 'all/two'), resultOf(['b']));
    await mkdir(join(cwd, 'all/logs'));
    const read = await readInputs({ paths: ['all'], cells: [], cwd });
    expect(read.runs.map(({ source }) => source).toSorted()).toEqual(['all/one', 'all/two']);
    expect(read.gaps).toEqual([]);
  });
});
