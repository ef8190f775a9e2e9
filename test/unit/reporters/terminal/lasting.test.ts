import { expect, test } from 'vitest';
import { Board } from '../../../../reporters/terminal/board.ts';
import { Lasting } from '../../../../reporters/terminal/lasting.ts';
import { UNICODE } from '../../../../reporters/terminal/look.ts';
import { renderLine } from '../../../../reporters/text/line.ts';
import type { RunEvent } from '../../../../src/results/events.ts';
import { judge } from '../../../../src/results/verdict.ts';
import {
  attempt,
  broken,
  cellInfo,
  cellStory,
  failing,
  passing,
  runStory,
  type ScriptedCell,
  suite,
  tested,
} from '../script.ts';

function told(events: readonly RunEvent[], columns = 80): string[] {
  const board = new Board();
  const lasting = new Lasting(UNICODE, board.tails, () => columns);
  return events.flatMap((event) => {
    board.take(event, 0);
    return lasting.tell(event).map((line) => renderLine(line, false));
  });
}

function storyOf(cells: ScriptedCell[]): string[] {
  return told(runStory(cells).events).slice(2);
}

const cells = (count: number, make: (id: string, index: number) => ScriptedCell) =>
  Array.from({ length: count }, (_, index) => make(`c${index}`, index));
const pass = (id: string, index: number) =>
  cellStory(cellInfo(id, index), [tested(1, [suite('s', passing('p'))])]);
const fail = (id: string, index: number) =>
  cellStory(cellInfo(id, index), [tested(1, [suite('s', failing('f', 'no'))])]);

test('of few cells each gets its line; of many only those that came to grief', () => {
  expect(storyOf(cells(5, pass))).toHaveLength(5);
  expect(storyOf(cells(500, pass))).toEqual([]);
  expect(storyOf([...cells(499, pass), fail('bad', 499)])).toEqual([
    '✗ bad  1 of 1 test failed (12.5 s)',
    '    s > f: no',
  ]);
});

test('failures without end: details of the first, lines of some, then a word that the rest is counted', () => {
  const lines = storyOf(cells(500, fail));
  expect(lines.filter((line) => line.includes('s > f: no'))).toHaveLength(10);
  expect(lines.length).toBeLessThan(70);
  expect(lines.at(-1)).toBe('  … more are only counted from here on; the summary tells them');
});

test('an error says its message below, wrapped; a failing command shows its last words', () => {
  const error = {
    code: 'NO_BOOT',
    message: 'a long message about what happened '.repeat(4).trim(),
    hint: 'look',
  };
  const end = judge({ command: './test.sh', end: { exitCode: 2 }, tail: 'x' });
  const output = 'one\ntwo\nthree\nfour\nfive\n';
  expect(
    storyOf([
      cellStory(cellInfo('a'), [broken(1, 'boot', error)]),
      cellStory(cellInfo('b', 1), [attempt(1, end)], { output }),
    ]),
  ).toEqual([
    '! a  boot: NO_BOOT (12.5 s)',
    '    a long message about what happened a long message about what happened a long',
    '    message about what happened a long message about what happened',
    '    hint: look',
    '✗ b  the command ended with exit code 2 (12.5 s)',
    '    | two',
    '    | three',
    '    | four',
    '    | five',
  ]);
});

test('a further attempt is told where there are few cells', () => {
  const flaky = (id: string, index: number) =>
    cellStory(cellInfo(id, index), [
      tested(1, [suite('s', failing('f', 'no'))]),
      tested(2, [suite('s', passing('f'))]),
    ]);
  expect(storyOf([flaky('a', 0)])).toEqual([
    '~ a',
    '    attempt 1 failed: 1 of 1 test failed; trying again',
    '~ a  passed on attempt 2 (25.1 s)',
  ]);
  expect(storyOf(cells(41, flaky))[0]).toBe('~ c0  passed on attempt 2 (25.1 s)');
});
