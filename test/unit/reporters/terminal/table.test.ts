import { expect, test } from 'vitest';
import { ASCII, UNICODE } from '../../../../reporters/terminal/look.ts';
import { tableLines } from '../../../../reporters/terminal/table.ts';
import { renderLine } from '../../../../reporters/text/line.ts';
import { displayWidth } from '../../../../reporters/text/width.ts';
import type { CellResult } from '../../../../src/results/model.ts';
import { broken, cellInfo, cellStory, failing, idleCell, passing, suite, tested } from '../script.ts';

const pass = (id: string) => cellStory(cellInfo(id), [tested(1, [suite('s', passing('p'))])]).result;
const fail = (id: string) => cellStory(cellInfo(id), [tested(1, [suite('s', failing('f', 'no'))])]).result;
const error = (id: string) =>
  cellStory(cellInfo(id), [broken(1, 'boot', { code: 'NO_BOOT', message: 'no' })]).result;
const cancelled = (id: string) => idleCell(cellInfo(id), { outcome: 'cancelled', reason: 'x' }).result;

function table(cells: CellResult[], columns = 80, signs = UNICODE): string[] {
  return tableLines(cells, columns, signs).map((line) => renderLine(line, false).trimEnd());
}

const cells = [
  pass('debian-12/node=20/db=postgres'),
  fail('debian-12/node=20/db=sqlite'),
  pass('debian-12/node=22/db=postgres'),
  pass('debian-12/node=22/db=sqlite'),
  error('win11/node=22/db=postgres'),
  cancelled('win11/node=22/db=sqlite'),
];

test('all axes across where that fits', () => {
  expect(table(cells)).toEqual([
    '     node  20                22',
    '       db  postgres  sqlite  postgres  sqlite',
    'debian-12  ✓         ✗       ✓         ✓',
    'win11                        !         ⊘',
    '✗ failed  ! error  ⊘ cancelled  ✓ passed',
  ]);
});

test('else one axis, the others beside the target', () => {
  expect(table(cells, 30)).toEqual([
    '              node  20  22',
    'debian-12 postgres  ✓   ✓',
    'debian-12 sqlite    ✗   ✓',
    'win11 postgres          !',
    'win11 sqlite            ⊘',
    '✗ failed  ! error  ⊘ cancelled  ✓ passed',
  ]);
});

test('else none, and nothing at all where that would not fit either', () => {
  expect(table(cells, 25)[0]).toBe('debian-12 20 postgres  ✓');
  expect(table(cells, 20)).toEqual([]);
});

test('words where there are no signs, and no legend', () => {
  expect(table(cells.slice(0, 2), 80, ASCII)).toEqual([
    '     node  20',
    '       db  postgres  sqlite',
    'debian-12  ok        FAIL',
  ]);
});

test('copies of a cell share a place, which shows the worst of them', () => {
  const [first, second] = [pass('a/n=1'), fail('a/n=1')];
  expect(table([first, { ...second, id: 'a/n=1#2' }])[1]).toBe('a  ✗ 1/2');
});

test('of a long table only the rows with trouble are shown', () => {
  const many = Array.from({ length: 100 }, (_, index) => (index === 7 ? fail : pass)(`t${index}/n=1`));
  expect(table(many)).toEqual([
    '  n  1',
    't7   ✗',
    '99 more rows: no failures and no errors there',
    '✗ failed',
  ]);
});

test('columns are as wide as they are seen', () => {
  const lines = table([pass('a/v=日本'), pass('a/v=x')]);
  expect(displayWidth((lines[1] ?? '').split('✓')[1] ?? '')).toBe(5);
});

test('a single cell needs no table', () => {
  expect(table([pass('a/n=1')])).toEqual([]);
});
