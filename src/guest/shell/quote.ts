/** Quoting for POSIX shells (sh, dash, busybox, bash, zsh): what the program sees is exactly what was given. */
import { VmtestError } from '../../host/errors.ts';

/** One word of a POSIX shell command line. Single quotes keep everything but themselves. */
export function quotePosix(word: string): string {
  refuseNul(word);
  return /^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A folder in the guest as a shell word, for scripts that start in the user's home. `~` and `~/x` mean the home as
 * people expect, although quoting would take them literally; a leading `-` cannot be taken for an option.
 */
export function quoteFolder(folder: string): string {
  const fromHome = folder.replace(/^~(?:\/+|$)/, '');
  if (fromHome === '') return '.';
  return quotePosix(fromHome.startsWith('-') ? `./${fromHome}` : fromHome);
}

function refuseNul(word: string): void {
  if (!word.includes('\0')) return;
  throw new VmtestError('GUEST_TEXT_UNSUPPORTED', 'a NUL character cannot reach a command in a guest', {
    hint: 'Look for a NUL (\\0) in env values, folders and commands of the matrix file.',
  });
}
