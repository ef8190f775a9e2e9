/** What a screen can show, and the signs that vmtest draws with there. */
import type { Outcome } from '../../src/results/model.ts';
import type { Line } from '../text/line.ts';

export interface Signs {
  outcome: Record<Outcome, string>;
  running: string;
  waiting: string;
  /** A full and an empty step of a bar. */
  bar: readonly [full: string, empty: string];
  ellipsis: string;
  /** Between facts of one line. */
  dot: string;
}

export const UNICODE: Signs = {
  outcome: { passed: '✓', failed: '✗', error: '!', flaky: '~', skipped: '–', cancelled: '⊘' },
  running: '▸',
  waiting: '·',
  bar: ['█', '░'],
  ellipsis: '…',
  dot: '·',
};

/** For locales that are not UTF-8: words, which need no legend. */
export const ASCII: Signs = {
  outcome: { passed: 'ok', failed: 'FAIL', error: 'ERR', flaky: 'flaky', skipped: 'skip', cancelled: 'stop' },
  running: '>',
  waiting: '.',
  bar: ['#', '.'],
  ellipsis: '...',
  dot: '-',
};

/** Whether a terminal in this environment shows UTF-8, as POSIX says it: the first of these that is set decides. */
export function speaksUtf8(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): boolean {
  if (platform === 'win32') return env['WT_SESSION'] !== undefined || env['TERM_PROGRAM'] !== undefined;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale);
}

const SPELT: Readonly<Record<string, string>> = {
  '…': '...',
  '·': '-',
  '–': '-',
  '’': "'",
  '␊': ' ',
  '✓': 'ok',
  '✗': 'x',
};

/** A line for a terminal that shows no more than ASCII. */
export function asciiLine(line: Line): Line {
  if (typeof line === 'string') return asciiText(line);
  return line.map((part) =>
    typeof part === 'string' ? asciiText(part) : { ...part, text: asciiText(part.text) },
  );
}

function asciiText(text: string): string {
  return text.replace(/[^\x00-\x7f]/gu, (character) => SPELT[character] ?? '?');
}

/** Whether a moving picture can be drawn on a stream. */
export function canDrawOn(stream: NodeJS.WritableStream, env: NodeJS.ProcessEnv): boolean {
  return (stream as Partial<NodeJS.WriteStream>).isTTY === true && env['TERM'] !== 'dumb';
}
