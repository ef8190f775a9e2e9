/** What the page works out before it draws: routes, filters, the grid, the time line. */
import { describe, expect, test } from 'vitest';
import type { PageCause, PageCell } from '../../../../reporters/html/page-data.ts';
import { chosenCells } from '../../../../reporters/html/view/filter.ts';
import { findAll } from '../../../../reporters/html/view/find.ts';
import { gridOf, headingRuns, usualLayout } from '../../../../reporters/html/view/grid.ts';
import { barsOf, lanesOf } from '../../../../reporters/html/view/lanes.ts';
import { loadOf } from '../../../../reporters/html/view/load.ts';
import { formatRoute, linkTo, parseRoute, withQuery } from '../../../../reporters/html/view/route.ts';
import { clockText, ticksFor } from '../../../../reporters/html/view/ticks.ts';
import { longestChain, waitOf } from '../../../../reporters/html/view/waits.ts';

function cell(id: string, more: Partial<PageCell> = {}): PageCell {
  const [target = '', ...axes] = id.split('/');
  const values = { ...Object.fromEntries(axes.map((axis) => axis.split('='))), target } as Record<
    string,
    string
  >;
  const tests = { total: 1, passed: 1, failed: 0, error: 0, skipped: 0 };
  return {
    id,
    slug: id.replaceAll(/[^a-z0-9]/g, '-'),
    values,
    engine: 'qemu',
    snapshot: 'clean',
    outcome: 'passed',
    allowedToFail: false,
    reason: '',
    tests,
    attempts: [],
    ...more,
  };
}

/** Waited from 0, worked from `start` to `end`. */
function ran(id: string, start: number, end: number, engine = 'qemu'): PageCell {
  const timings: ['queue' | 'run', number][] = [
    ['queue', start],
    ['run', end - start],
  ];
  return cell(id, { engine, attempts: [{ number: 1, outcome: 'passed', start, timings }] });
}

describe('routes', () => {
  test.each([
    ['', '#/overview'],
    ['#/', '#/overview'],
    ['#/timeline?by=cells&zoom=', '#/timeline?by=cells'],
    ['#/cell/debian-12_node-22?q=a+b', '#/cell/debian-12_node-22?q=a+b'],
    ['#/nonsense/%', '#/overview'],
    ['#/cell/%E0%A4%A', '#/cell/%25E0%25A4%25A'],
    ['#/__proto__', '#/overview'],
  ])('%j is %j', (hash, route) => {
    expect(formatRoute(parseRoute(hash))).toBe(route);
  });

  test('a link keeps the choice of cells, not the looks of its page', () => {
    const route = withQuery(parseRoute('#/timeline?zoom=8&q=x'), { outcome: 'failed' });
    expect(linkTo(route, 'cell', 'a')).toBe('#/cell/a?q=x&outcome=failed');
  });
});

describe('the filter', () => {
  const cells = [
    cell('debian-12/node=20'),
    cell('debian-12/node=22', { outcome: 'failed', reason: '3 of 9 tests failed' }),
    cell('windows-11/node=22', { outcome: 'error', reason: 'boot: NO_BOOT' }),
  ];
  const causes = [{ cells: [2] }] as unknown as PageCause[];
  const ids = (query: string) =>
    [...chosenCells(cells, causes, parseRoute(`#/overview?${query}`))].map((index) => cells[index]?.id);

  test.each([
    ['', [0, 1, 2]],
    ['q=debian', [0, 1]],
    ['q=node=22', [1, 2]],
    ['q=node=2', []],
    ['q=node=2*', [0, 1, 2]],
    ['q=-debian', [2]],
    ['q=node=22 -target=win*', [1]],
    ['q=no_boot', [2]],
    ['q="9 tests"', [1]],
    ['q=nonsense=22', []],
    ['q=node=(', []],
    ['q=__proto__=x', []],
    ['outcome=failed,error', [1, 2]],
    ['outcome=failed&q=windows', []],
    ['cause=0', [2]],
    ['cause=7', [0, 1, 2]],
    ['cause=', [0, 1, 2]],
  ])('%s', (query, expected) => {
    expect(ids(query)).toEqual(expected.map((index) => cells[index]?.id));
  });
});

describe('the grid', () => {
  const cells = ['a', 'b'].flatMap((target) =>
    ['20', '3.10'].flatMap((node) => ['pg', 'lite'].map((db) => cell(`${target}/node=${node}/db=${db}`))),
  );
  cells.push(cell('c'));
  const axes = ['target', 'node', 'db'];

  test('as usual: targets down, the axes across', () => {
    expect(usualLayout(cells, axes)).toEqual({ rows: ['target'], columns: ['node', 'db'] });
  });

  test('axes that would make it too wide go down', () => {
    const many = Array.from({ length: 40 }, (_, index) => cell(`a/x=${index}/y=${index % 2}`));
    expect(usualLayout(many, ['target', 'x', 'y'])).toEqual({ rows: ['target', 'x'], columns: ['y'] });
  });

  test('every cell has one place, absent values too', () => {
    const grid = gridOf(cells, { rows: ['target'], columns: ['node', 'db'] });
    expect(grid.across).toEqual([
      ['20', 'pg'],
      ['20', 'lite'],
      ['3.10', 'pg'],
      ['3.10', 'lite'],
      ['–', '–'],
    ]);
    expect(grid.lines.map(({ values }) => values)).toEqual([['a'], ['b'], ['c']]);
    expect(grid.lines.flatMap(({ places }) => places.flat()).toSorted((a, b) => a - b)).toEqual(
      cells.map((_, i) => i),
    );
    expect(grid.lines[2]?.places).toEqual([[], [], [], [], [8]]);
  });

  test('folded axes share places', () => {
    const grid = gridOf(cells, { rows: ['node'], columns: [] });
    expect(grid.lines.map(({ values, places }) => [values[0], places[0]?.length])).toEqual([
      ['20', 4],
      ['3.10', 4],
      ['–', 1],
    ]);
  });

  test('equal headings are one, within their outer one', () => {
    const tuples = [
      ['1', 'a'],
      ['1', 'a'],
      ['2', 'a'],
    ];
    expect(headingRuns(tuples, 0).map(({ span }) => span)).toEqual([2, 1]);
    expect(headingRuns(tuples, 1).map(({ span }) => span)).toEqual([2, 1]);
  });

  test('an axis called __proto__', () => {
    const odd = cell('a', { values: JSON.parse('{"target":"a","__proto__":"x"}') });
    expect(
      gridOf([odd, cell('b')], { rows: ['__proto__'], columns: [] }).lines.map(({ values }) => values),
    ).toEqual([['x'], ['–']]);
  });
});

describe('the time line', () => {
  const cells = [ran('a', 0, 500), ran('b', 0, 305), ran('c', 300, 900), ran('d', 500, 600, 'v86')];
  const bars = barsOf(cells);

  test('as few lanes an engine as were at work at once', () => {
    const lanes = lanesOf(cells, bars).map(({ name, bars: own }) => [
      name,
      own.map(({ cell }) => cells[cell]?.id),
    ]);
    expect(lanes).toEqual([
      ['qemu 1', ['a']],
      ['qemu 2', ['b', 'c']],
      ['v86 1', ['d']],
    ]);
  });

  test('the load counts who works and who waits', () => {
    expect(loadOf(bars).map(({ at, busy, waiting }) => [at, busy, waiting])).toEqual([
      [0, 2, 2],
      [295, 1, 2],
      [300, 2, 1],
      [490, 1, 1],
      [500, 2, 0],
      [590, 1, 0],
      [890, 0, 0],
    ]);
  });

  test('what one waited for: the clean state, then a place', () => {
    const own = [ran('a/x=1', 8_000, 20_000), ran('a/x=2', 20_010, 30_000)];
    const [first, second] = barsOf(own);
    const prepared = [{ target: 'a', start: 0, end: 7_990, state: 'done' as const }];
    if (!first || !second) throw new Error('two bars');
    expect(waitOf(first, [first, second], own, prepared)).toEqual({ total: 8_000, prepare: 7_990 });
    expect(waitOf(second, [first, second], own, prepared)).toEqual({
      total: 20_010,
      prepare: 7_990,
      freedBy: first,
    });
    expect(longestChain([first, second], own, prepared)).toEqual([second, first]);
  });

  test('an attempt follows the one before it', () => {
    const twice = cell('a', {
      attempts: [
        { number: 1, outcome: 'failed', start: 0, timings: [['run', 1_000]] },
        {
          number: 2,
          outcome: 'passed',
          start: 1_000,
          timings: [
            ['queue', 0],
            ['run', 500],
          ],
        },
      ],
    });
    expect(longestChain(barsOf([twice]), [twice], []).map(({ attempt }) => attempt.number)).toEqual([2, 1]);
  });

  test.each([
    [90_000, 10, [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000]],
    [700, 4, [0, 200, 400, 600]],
    [10 * 86_400_000, 2, [0, 5 * 86_400_000, 10 * 86_400_000]],
  ])('ticks for %d ms', (duration, most, ticks) => {
    expect(ticksFor(duration, most)).toEqual(ticks);
  });

  test.each([
    [0, '0'],
    [500, '0.5 s'],
    [90_000, '1:30'],
    [7_265_000, '2:01:05'],
  ])('%d ms are %s', (ms, text) => {
    expect(clockText(ms)).toBe(text);
  });
});

test.each([
  ['aAa', 'a', [0, 1, 2]],
  ['aaa', 'aa', [0]],
  ['İİx', 'X', []],
  ['İİx', 'x', [2]],
  ['abc', '', []],
])('%j is searched for %j', (text, wanted, found) => {
  expect(findAll(text, wanted)).toEqual(found);
});
