/**
 * The moving part of the screen: what is being prepared, the cells at work, those that wait as far as there is room, and
 * the state of the whole in the last line.
 */
import { type Line, type Painted, paint } from '../text/line.ts';
import { OUTCOME_PAINT } from '../text/outcome.ts';
import { cutMiddle, cutToWidth, displayWidth, padToWidth, screenText } from '../text/width.ts';
import { bar, bytesInWords } from './bar.ts';
import type { Board, Preparation, RunningCell } from './board.ts';
import { clock } from './clock.ts';
import type { Signs } from './look.ts';

export interface FrameSize {
  /** What is shown is chosen for this width. */
  columns: number;
  /** There are at most so many lines. */
  rows: number;
}

const PHASE_WIDTH = 7;
const TIME_WIDTH = 7;
const STEP_BAR = 10;
const TOTAL_BAR = 24;
/** What a line has beside the id: sign, phase, time, expectation. */
const BESIDE_ID = 28;
const NARROWEST_ID = 12;
/** Less of a line of output is not worth reading. */
const OUTPUT_WIDTH = 24;

/** @param now as given to the board. */
export function frameLines(board: Board, size: FrameSize, signs: Signs, now: number): Line[] {
  const foot = footLines(board, size, signs, now);
  const room = Math.max(0, size.rows - foot.length);
  const layout = { columns: size.columns, idWidth: idWidth(board, size.columns), signs, now };
  const lines = stepLines(board, layout, room);
  return [...lines, ...foot].slice(-size.rows);
}

interface Layout {
  columns: number;
  idWidth: number;
  signs: Signs;
  now: number;
}

/** One line less than there is room for when some have to be counted instead. */
function stepLines(board: Board, layout: Layout, room: number): Line[] {
  const total = board.preparing.size + board.running.size + board.waiting.size;
  const shown = total > room ? Math.max(0, room - 1) : total;
  const lines: Line[] = [];
  for (const preparation of board.preparing.values()) {
    if (lines.length < shown) lines.push(preparationLine(preparation, layout));
  }
  let running = 0;
  for (const cell of board.running.values()) {
    if (lines.length >= shown) break;
    lines.push(runningLine(board, cell, layout));
    running += 1;
  }
  let waiting = 0;
  for (const { id } of board.waiting.values()) {
    if (lines.length >= shown || board.cancel) break;
    lines.push(waitingLine(board, id, layout));
    waiting += 1;
  }
  const hidden = [
    [board.running.size - running, 'more running'],
    [board.waiting.size - waiting, waiting > 0 ? 'more waiting' : 'waiting'],
  ] as const;
  const words = hidden.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (words.length === 0 || room === 0) return lines;
  return [...lines, paintedLine('dim', `  ${layout.signs.ellipsis} and ${words.join(', ')}`)];
}

/** As wide as the ids that may be shown, within their share. */
function idWidth(board: Board, columns: number): number {
  const most = Math.max(NARROWEST_ID, columns - BESIDE_ID);
  let widest = 0;
  for (const names of [board.running.keys(), board.preparing.keys(), board.waiting.keys()]) {
    let looked = 0;
    for (const name of names) {
      widest = Math.max(widest, displayWidth(screenText(name)));
      looked += 1;
      if (widest >= most || looked > columns) break;
    }
  }
  return Math.min(widest, most);
}

function nameColumn(name: string, { idWidth: width, signs }: Layout): string {
  return padToWidth(cutMiddle(screenText(name), width, signs.ellipsis), width);
}

function runningLine(board: Board, cell: RunningCell, layout: Layout): Line {
  const { signs, now } = layout;
  const { info, attempt, phase, since, bytes } = cell;
  const elapsed = now - since;
  const expected = board.expected(info.id);
  const again = attempt > 1 ? paint('yellow', ` attempt ${attempt}`) : '';
  const head: (string | Painted)[] = [
    paint('bold', `${signs.running} `),
    nameColumn(info.id, layout),
    `  ${phase.padEnd(PHASE_WIDTH)}`,
    clock(elapsed).padStart(TIME_WIDTH),
    ...(expected === undefined ? [] : [paint('dim', ` of ~${clock(expected)}`)]),
    again,
  ];
  if (bytes) return [...head, ...bytesPart(bytes, signs)];
  return [...head, ...outputPart(board.tails.lastLine(info.id), head, layout)];
}

function bytesPart(bytes: NonNullable<RunningCell['bytes']>, signs: Signs): (string | Painted)[] {
  const { done, total } = bytes;
  const words = bytesInWords(bytes);
  if (!total) return [`  ${words}`];
  const percent = `${Math.floor((100 * Math.min(done, total)) / total)} %`;
  return ['  ', paint('green', bar(done / total, STEP_BAR, signs.bar)), ` ${percent.padStart(5)}  ${words}`];
}

/** Of steps that cannot be counted: by the time they took before. */
function expectedPart(elapsed: number, expected: number | undefined, signs: Signs): (string | Painted)[] {
  return expected === undefined ? [] : ['  ', paint('green', bar(elapsed / expected, STEP_BAR, signs.bar))];
}

/** Where the line is wide enough: the last thing that the test said. */
function outputPart(text: string, head: readonly (string | Painted)[], layout: Layout): Painted[] {
  const used = head.reduce((sum, part) => sum + displayWidth(typeof part === 'string' ? part : part.text), 0);
  const room = layout.columns - used - 3;
  if (text === '' || room < OUTPUT_WIDTH) return [];
  return [paint('dim', `  ${cutToWidth(screenText(text), room, layout.signs.ellipsis)}`)];
}

function preparationLine(preparation: Preparation, layout: Layout): Line {
  const { signs, now } = layout;
  const { target, message, since, bytes, expected } = preparation;
  const elapsed = now - since;
  return [
    paint('bold', `${signs.running} `),
    nameColumn(target, layout),
    `  ${'prepare'.padEnd(PHASE_WIDTH)}`,
    clock(elapsed).padStart(TIME_WIDTH),
    ...(expected === undefined ? [] : [paint('dim', ` of ~${clock(expected)}`)]),
    ...(bytes ? bytesPart(bytes, signs) : expectedPart(elapsed, expected, signs)),
    paint('dim', `  ${message}`),
  ];
}

function waitingLine(board: Board, id: string, layout: Layout): Line {
  const expected = board.expected(id);
  const words = expected === undefined ? 'waiting' : `waiting${' '.repeat(TIME_WIDTH)} ~${clock(expected)}`;
  return paintedLine('dim', `${layout.signs.waiting} ${nameColumn(id, layout)}  ${words}`);
}

function footLines(board: Board, { columns }: FrameSize, signs: Signs, now: number): Line[] {
  const { ended, total, counts, cancel } = board;
  const elapsed = now - board.started;
  const left = cancel ? undefined : board.remaining(now);
  const steps = Math.min(TOTAL_BAR, Math.floor(columns / 5));
  const outcomes = (['passed', 'failed', 'error', 'flaky', 'skipped', 'cancelled'] as const)
    .filter((outcome) => counts[outcome] > 0)
    .flatMap((outcome) => [
      '  ',
      paint(OUTCOME_PAINT[outcome], `${signs.outcome[outcome]} ${counts[outcome]}`),
    ]);
  const time =
    left === undefined || ended === total ? clock(elapsed) : `${clock(elapsed)}, about ${clock(left)} left`;
  return [
    '',
    [
      paint('green', bar(total === 0 ? 0 : ended / total, steps, signs.bar)),
      ` ${ended}/${total}`,
      ...outcomes,
      `  ${signs.dot}  ${time}`,
    ],
    ...(cancel ? [cancelLine(board, cancel, now)] : []),
  ];
}

function cancelLine({ running }: Board, cancel: NonNullable<Board['cancel']>, now: number): Line {
  const left = Math.max(0, cancel.grace - (now - cancel.since));
  const machines = running.size === 1 ? '1 machine' : `${running.size} machines`;
  const what = running.size === 0 ? 'writing reports' : `taking ${machines} away, up to ${clock(left)}`;
  // Who pressed Ctrl-C knows the reason.
  return cancel.interrupted
    ? [paint('yellow', `stopping: ${what}; press Ctrl-C again to force`)]
    : [paint('yellow', `stopping: ${what}`), paint('dim', `  (${cancel.reason})`)];
}

function paintedLine(color: 'dim', text: string): Line {
  return [paint(color, text)];
}
