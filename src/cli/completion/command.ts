/** `vmtest completion SHELL` prints the shell's script; `vmtest complete -- WORD…` is what that script asks. */
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { candidates } from './candidates.ts';
import { type Shell, scripts } from './scripts.ts';
import { selectorsOf } from './selectors.ts';

export function completionCommand(shell: Shell): number {
  process.stdout.write(scripts[shell]);
  return EXIT.passed;
}

export async function completeCommand(program: Command, words: readonly string[]): Promise<number> {
  const found = await candidates(program, words, { selectors: selectorsOf });
  const lines = found.map(({ text, description }) => (description ? `${text}\t${description}` : text));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return EXIT.passed;
}
