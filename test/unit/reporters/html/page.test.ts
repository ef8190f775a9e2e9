/** What a page carries of a run, and how much of it at most. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../../reporters/html/limits.ts';
import { linksFrom } from '../../../../reporters/html/links.ts';
import { pageElements } from '../../../../reporters/html/page.ts';
import type { CellDetail, PageIndex, TestTable } from '../../../../reporters/html/page-data.ts';
import { Preparations } from '../../../../reporters/html/preparations.ts';
import { OutputFiles } from '../../../../reporters/html/read-ends.ts';
import type { RunResult } from '../../../../src/results/model.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import {
  broken,
  cellInfo,
  cellStory,
  failing,
  idleCell,
  passing,
  RUN,
  runStory,
  suite,
  tested,
} from '../script.ts';

async function packed(result: RunResult, output = '/nowhere') {
  const elements = await pageElements(result, {
    files: new OutputFiles(output),
    linkTo: linksFrom(join(output, 'report.html'), output),
    prepared: [],
  });
  const content = (id: string) => {
    const element = elements.find((one) => one.includes(` id="data-${id}">`)) ?? '';
    return element.slice(element.indexOf('>') + 1, element.lastIndexOf('</script>'));
  };
  const chunk = (id: string) =>
    JSON.parse(inflateRawSync(Buffer.from(content(id), 'base64')).toString()) as unknown;
  return {
    size: elements.reduce((sum, { length }) => sum + length, 0),
    index: JSON.parse(content('index')) as PageIndex,
    tests: chunk('tests') as TestTable,
    cell: (place: number) => chunk(`cell-${place}`) as CellDetail,
  };
}

describe('the index', () => {
  test('has every cell with its times, its axes and causes in words', async () => {
    const { result } = runStory([
      cellStory(cellInfo('a/node=20'), [tested(1, [suite('s', passing('p'), failing('f', 'no'))])]),
      cellStory(cellInfo('b/node=20', 1), [tested(1, [suite('s', passing('p'), passing('f'))])]),
      cellStory(cellInfo('c/node=20', 2), [
        broken(1, 'boot', { code: 'NO_BOOT', message: 'no', hint: 'wait' }),
      ]),
      idleCell(cellInfo('d/node=20', 3), { outcome: 'cancelled', reason: 'fail-fast' }),
    ]);
    const { index, tests } = await packed(result);
    expect(index.axes).toEqual(['target', 'node']);
    expect(index.cells.map(({ id, outcome, reason }) => [id, outcome, reason])).toEqual([
      ['a/node=20', 'failed', '1 of 2 tests failed'],
      ['b/node=20', 'passed', '2 tests'],
      ['c/node=20', 'error', 'boot: NO_BOOT: no'],
      ['d/node=20', 'cancelled', 'in queue'],
    ]);
    expect(index.cells[0]?.attempts).toEqual([
      {
        number: 1,
        outcome: 'failed',
        start: 1_000,
        timings: [
          ['queue', 3],
          ['restore', 80],
          ['boot', 15],
          ['connect', 1_300],
          ['run', 11_000],
          ['collect', 150],
        ],
      },
    ]);
    expect(index.causes.map(({ kind, conditions, cells }) => [kind, conditions, cells])).toEqual([
      ['failed', ['target is a'], [0]],
      ['error', ['target is c'], [2]],
    ]);
    expect(index.caps).toEqual([]);
    expect(tests.rows.map(({ group, name, marks }) => [group, name, marks])).toEqual([
      ['s', 'f', 'fp--'],
      ['s', 'p', 'pp--'],
      ['vmtest', 'cell', '---s'],
    ]);
  });

  test('a test that failed before says so with its cause and in its cell', async () => {
    const recent = { runs: 20, failed: 3, flaky: 0 };
    const cell = cellStory(cellInfo('a'), [
      tested(1, [suite('s', failing('f', 'no', { recent }), failing('g', 'no'))]),
    ]);
    const { index, cell: detail } = await packed(runStory([cell]).result);
    const told = ['failed in 3 of the 20 runs before', ''];
    expect(index.causes[0]?.symptoms.map((symptom) => symptom.recent)).toEqual(told);
    expect(detail(0).suites[0]?.cases.map((testCase) => testCase.recent ?? '')).toEqual(told);
  });

  test('engines are an axis when there are several', async () => {
    const { result } = runStory([
      cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])]),
      cellStory({ ...cellInfo('b'), engine: 'v86' }, [tested(1, [suite('s', passing('p'))])]),
    ]);
    const { index } = await packed(result);
    expect(index.axes).toEqual(['target', 'engine']);
    expect(index.cells.map(({ values }) => values['engine'])).toEqual(['qemu', 'v86']);
  });
});

describe('a cell', () => {
  test('has its logs, those of earlier attempts too, and what it left', async () => {
    const output = await scratchFolder();
    const write = async (path: string, text: string) => {
      await mkdir(join(output, path, '..'), { recursive: true });
      await writeFile(join(output, path), text);
    };
    await write('cells/a/output.log', 'second\u001b[2J\n');
    await write('cells/a/attempt-1/output.log', 'first\n');
    await write('cells/a/artifacts/core.txt', 'dump\n');
    const files = { output: 'cells/a/output.log', artifacts: ['cells/a/artifacts/core.txt'] };
    const { result } = runStory([
      cellStory(
        cellInfo('a'),
        [
          tested(1, [suite('s', failing('f', 'no'))]),
          tested(2, [suite('s', failing('f', 'no', { stdout: 'out' }))]),
        ],
        { files, notes: ['software emulation'] },
      ),
    ]);
    const detail = (await packed(result, output)).cell(0);
    expect(detail.logs.map(({ name, text, href }) => [name, text, href])).toEqual([
      ['output', 'second\n', 'cells/a/output.log'],
      ['output of attempt 1', 'first\n', 'cells/a/attempt-1/output.log'],
      ['artifacts/core.txt', 'dump\n', 'cells/a/artifacts/core.txt'],
    ]);
    expect(detail.files.map(({ href }) => href)).toEqual([
      'cells/a/output.log',
      'cells/a/artifacts/core.txt',
    ]);
    expect(detail.rerun).toBe('vmtest run matrix.yml a');
    expect(detail.notes).toEqual(['software emulation']);
    expect(detail.suites).toMatchObject([
      { name: 's', cases: [{ name: 'f', status: 'failed', stdout: 'out', reruns: [{ message: 'no' }] }] },
    ]);
  });

  test('that could not be run tells its error once', async () => {
    const error = { code: 'NO_BOOT', message: 'no', hint: 'wait', details: 'kernel\u202e panic' };
    const { result } = runStory([cellStory(cellInfo('a'), [broken(1, 'boot', error)])]);
    const detail = (await packed(result)).cell(0);
    expect(detail).toMatchObject({
      error: { ...error, details: 'kernel⟨U+202E⟩ panic' },
      suites: [],
      testsLeftOut: 0,
    });
  });
});

describe('bounds', () => {
  test('a million passing tests are counted, and mostly not listed', async () => {
    const cases = Array.from({ length: 100_000 }, (_, index) => passing(`test number ${index} of very many`));
    const cells = Array.from({ length: 10 }, (_, index) =>
      cellStory(cellInfo(`a/n=${index}`, index), [tested(1, [suite('s', ...cases, failing('f', 'no'))])]),
    );
    const page = await packed(runStory(cells).result);
    expect(page.size).toBeLessThan(2_000_000);
    expect(page.index.summary.tests).toMatchObject({ total: 1_000_010, failed: 10 });
    expect(page.index.cells[0]?.tests.total).toBe(100_001);
    const detail = page.cell(0);
    expect(detail.suites[0]?.cases).toHaveLength(LIMITS.passes + 1);
    expect(detail.testsLeftOut).toBe(100_000 - LIMITS.passes);
    expect(page.tests).toMatchObject({
      rows: { length: LIMITS.testRows },
      leftOut: 100_001 - LIMITS.testRows,
    });
    expect(page.tests.rows[0]?.name).toBe('f');
  });

  test('details that do not fit are left out, of those that passed first', async () => {
    // What repeats after so long is new to deflate, whose window is 32 KiB.
    let seed = 1;
    const noise = Array.from({ length: 800_000 }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return String.fromCharCode(0x4e00 + (seed % 20_000));
    }).join('');
    const part = (place: number) => noise.slice(place * 8_000, (place + 1) * 8_000);
    const cells = Array.from({ length: 24 }, (_, index) => {
      const cases = Array.from({ length: 100 }, (_, place) =>
        index > 20 ? failing(`t${place}`, part(place)) : passing(`t${place}`, { stdout: part(place) }),
      );
      return cellStory(cellInfo(`a/n=${index}`, index), [tested(1, [suite('s', ...cases)])]);
    });
    const page = await packed(runStory(cells).result);
    expect(page.size).toBeLessThan(LIMITS.details + 2_000_000);
    expect(page.index.caps).toEqual([
      expect.stringMatching(/^The tests and logs of \d+ cells are not in this page/),
    ]);
    expect(page.cell(23).caps).toEqual([]);
    expect(page.cell(20)).toMatchObject({
      suites: [],
      testsLeftOut: 100,
      caps: [expect.stringContaining('no more room')],
    });
  });

  test('of too many cells those that did not pass are shown', async () => {
    const { result } = runStory([cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])])]);
    const [passed] = result.cells;
    if (!passed) throw new Error('one cell');
    const cells = Array.from({ length: LIMITS.cells + 5 }, (_, index) => ({
      ...passed,
      id: `a/n=${index}`,
      outcome: index >= LIMITS.cells ? ('failed' as const) : ('passed' as const),
    }));
    const page = await packed({ ...result, cells });
    expect(page.index.cells).toHaveLength(LIMITS.cells);
    expect(page.index.cells.at(-1)).toMatchObject({ id: `a/n=${LIMITS.cells + 4}`, outcome: 'failed' });
    expect(page.index.caps[0]).toBe('5 of 10005 cells are not shown.');
  }, 60_000);
});

test('preparations are timed as they are heard of', () => {
  let now = Date.parse(RUN.started);
  const preparations = new Preparations(() => now);
  const tell = (target: string, state: 'start' | 'done' | 'failed', at: number) => {
    now = Date.parse(RUN.started) + at;
    preparations.onEvent({ type: 'target:prepare', target, state, message: '' });
  };
  preparations.onEvent({ type: 'run:start', run: RUN, cells: [], output: '', expected: {} });
  tell('a', 'start', 10);
  tell('b', 'start', 20);
  tell('b', 'failed', 500);
  tell('a', 'done', 900);
  expect(preparations.done).toEqual([
    { target: 'b', state: 'failed', start: 20, end: 500 },
    { target: 'a', state: 'done', start: 10, end: 900 },
  ]);
});
