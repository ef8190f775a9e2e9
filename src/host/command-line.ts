/** A command that ran, as lines for people: when, how long, what, and what it said when it failed. */

import type { ToldCommand } from './exec.ts';
import { showArgv } from './exec.ts';

/** Characters. Longer words are data: a script, a file. */
const LONGEST_WORD = 400;
const LONGEST_SAID = 2_000;

export function commandLines({ argv, started, ms, result, error }: ToldCommand): string {
  const time = started.toISOString().slice(11, 23);
  const took = ms === undefined ? 'started' : `${(ms / 1000).toFixed(2)} s`;
  const failure = error ?? (result && result.exitCode !== 0 ? endOf(result) : undefined);
  const line = `${time} ${took.padStart(8)}  ${showArgv(argv.map(shorten))}`;
  if (failure === undefined) return line;
  return [`${line}  [${failure}]`, ...said(result)].join('\n');
}

function endOf({ exitCode, signal }: { exitCode?: number | undefined; signal?: string | undefined }): string {
  return signal ?? `exit code ${exitCode}`;
}

function said(result: ToldCommand['result']): string[] {
  const text = (result?.stderr.trim() || result?.stdout.trim()) ?? '';
  if (text === '') return [];
  return text
    .slice(0, LONGEST_SAID)
    .split('\n')
    .map((line) => `    ${line.trimEnd()}`);
}

function shorten(word: string): string {
  if (word.length <= LONGEST_WORD) return word;
  return `${word.slice(0, LONGEST_WORD)}…(${word.length - LONGEST_WORD} more characters)`;
}
