import { expect, test } from 'vitest';
import { Board } from '../../../../reporters/terminal/board.ts';
import { frameLines } from '../../../../reporters/terminal/frame.ts';
import { ASCII, UNICODE } from '../../../../reporters/terminal/look.ts';
import { renderLine } from '../../../../reporters/text/line.ts';
import type { RunEvent } from '../../../../src/results/events.ts';
import { cellInfo, cellStory, passing, RUN, suite, tested } from '../script.ts';

function board(ids: string[], expected: Record<string, number> = {}): Board {
  const one = new Board();
  one.take({ type: 'run:start', run: RUN, cells: ids.map(cellInfo), output: '/o', expected }, 0);
  return one;
}

function start(one: Board, id: string, now: number): void {
  one.take({ type: 'cell:start', cell: cellInfo(id), attempt: 1 }, now);
}

/** A cell that took 12.545 s by its own account. */
function end(one: Board, id: string, now: number): void {
  const story = cellStory(cellInfo(id), [tested(1, [suite('s', passing('p'))])]);
  one.take({ type: 'cell:end', cell: story.info, result: story.result }, now);
}

function picture(one: Board, columns: number, rows: number, now: number, signs = UNICODE): string {
  const lines = frameLines(one, { columns, rows }, signs, now);
  return lines.map((line) => renderLine(line, false).trimEnd()).join('\n');
}

test('running cells come first, then those that wait, then the whole', () => {
  const one = board(['a', 'b', 'c'], { a: 60_000, c: 5_000 });
  start(one, 'b', 1_000);
  one.take({ type: 'cell:phase', cell: cellInfo('b'), attempt: 1, phase: 'boot' }, 2_000);
  start(one, 'a', 2_000);
  expect(picture(one, 80, 20, 62_000)).toBe(
    [
      '▸ b  boot      1:01',
      '▸ a  restore   1:00 of ~1:00',
      '· c  waiting        ~0:05',
      '',
      '░░░░░░░░░░░░░░░░ 0/3  ·  1:02',
    ].join('\n'),
  );
});

test('what does not fit is counted', () => {
  const one = board(Array.from({ length: 500 }, (_, index) => `cell-${index}`));
  for (let index = 0; index < 30; index += 1) start(one, `cell-${index}`, 0);
  const lines = picture(one, 80, 10, 1_000).split('\n');
  expect(lines).toHaveLength(10);
  expect(lines[6]).toBe('▸ cell-6    restore   0:01');
  expect(lines[7]).toBe('  … and 23 more running, 470 waiting');
});

test('a transfer has a bar where its size is known', () => {
  const one = board(['a', 'b']);
  const progress = (id: string, bytes: { done: number; total?: number }): RunEvent => ({
    type: 'cell:progress',
    cell: cellInfo(id),
    attempt: 1,
    bytes,
  });
  start(one, 'a', 0);
  start(one, 'b', 0);
  one.take(progress('a', { done: 10 * 1024 ** 2, total: 40 * 1024 ** 2 }), 0);
  one.take(progress('b', { done: 512 * 1024 }), 0);
  const preparing = { type: 'target:prepare', target: 't', state: 'progress', message: 'saving' } as const;
  one.take({ ...preparing, bytes: { done: 3, total: 4 } }, 0);
  const lines = picture(one, 80, 20, 0, ASCII).split('\n');
  expect(lines[0]).toContain('prepare   0:00  ########..  75 %  0.0 of 0.0 MiB  saving');
  expect(lines[1]).toContain('0:00  ###.......  25 %  10.0 of 40.0 MiB');
  expect(lines[2]).toContain('0:00  0.5 MiB');
  // The next phase starts anew.
  one.take({ type: 'cell:phase', cell: cellInfo('a'), attempt: 1, phase: 'run' }, 0);
  expect(picture(one, 80, 20, 0)).not.toContain('40.0 MiB');
});

test('the rest of the time follows from history, or else from the cells that have ended', () => {
  const one = board(['a', 'b', 'c', 'd'], { a: 10_000, b: 20_000 });
  expect(one.remaining(0)).toBeUndefined();
  start(one, 'a', 0);
  start(one, 'c', 0);
  expect(one.remaining(0)).toBeUndefined();
  end(one, 'c', 12_545);
  // a is overdue, b takes 20 s, d as long as c did; two at once.
  expect(one.remaining(12_545)).toBeCloseTo((20_000 + 12_542) / 2, -2);
});

test('a stop says how long it may take, and how to force it when a person asked for it', () => {
  const one = board(['a', 'b']);
  start(one, 'a', 0);
  one.take({ type: 'run:cancel', reason: 'interrupted by SIGINT', interrupted: true, grace: 30_000 }, 0);
  expect(picture(one, 100, 20, 2_000)).toContain(
    'stopping: taking 1 machine away, up to 0:28; press Ctrl-C again to force',
  );
  one.take({ type: 'run:cancel', reason: 'fail-fast: a failed', interrupted: false, grace: 30_000 }, 0);
  expect(picture(one, 100, 20, 0)).toContain(
    'stopping: taking 1 machine away, up to 0:30  (fail-fast: a failed)',
  );
});

test('the last line of output stands where there is room for it', () => {
  const one = board(['a']);
  start(one, 'a', 0);
  one.take(
    { type: 'cell:output', cell: cellInfo('a'), attempt: 1, stream: 'stdout', text: 'one\n\x1b[2Jtwo\n\n' },
    0,
  );
  expect(picture(one, 100, 20, 0).split('\n')[0]).toBe('▸ a  restore   0:00  two');
  expect(picture(one, 40, 20, 0)).not.toContain('two');
});

test('a clean state in the making has a bar by the time it took before', () => {
  const one = board(['a']);
  const preparing = { type: 'target:prepare', target: 't', message: 'booting' } as const;
  one.take({ ...preparing, state: 'start', expected: 20_000 }, 0);
  one.take({ ...preparing, state: 'progress' }, 4_000);
  expect(picture(one, 80, 20, 10_000, ASCII).split('\n')[0]).toBe(
    '> t  prepare   0:10 of ~0:20  #####.....  booting',
  );
  one.take({ ...preparing, state: 'done' }, 21_000);
  expect(picture(one, 80, 20, 21_000)).not.toContain('prepare');
});

test('the time of a cell is that of all its attempts', () => {
  const one = board(['a']);
  start(one, 'a', 0);
  one.take({ type: 'cell:start', cell: cellInfo('a'), attempt: 2 }, 5_000);
  expect(picture(one, 80, 20, 7_000).split('\n')[0]).toBe('▸ a  restore   0:07 attempt 2');
});
