/** Texts that a shell, an option parser, a glob or a line editor would make something of. */
import { readFile } from 'node:fs/promises';

/** Made by whoever obeys one of the texts, in the folder where it does: on this host, or in a guest. */
export const MARK = 'vmtest-was-here';
const COMMAND = `touch /tmp/${MARK} ${MARK}`;

export const TEXTS = [
  `$(${COMMAND})`,
  `\`${COMMAND}\``,
  `; ${COMMAND} #`,
  `| ${COMMAND}`,
  `& ${COMMAND} &`,
  `x\n${COMMAND}\n`,
  `'; ${COMMAND}; '`,
  `"; ${COMMAND}; "`,
  `'"'"$(${COMMAND})"'"'`,
  `" -or $(New-Item ${MARK}) -or "`,
  `'); New-Item ${MARK}; ('`,
  `%COMSPEC% /c ${COMMAND}`,
  '--help',
  '-version',
  '-',
  '--',
  '$HOME',
  '~root',
  '*',
  '[a-z]{1,2}?',
  '\\',
  '\\\\server\\share',
  '"',
  "'",
  ' before and after ',
  'tab\there',
  'keys \u0001\u0012\u0015\u007f\b\u001b[A\u001b!',
  'é 漢字 🙂 \u202e',
  '=cmd|"/c calc"!A1',
];

/** Whether anybody has obeyed one of them on this host. */
export async function obeyed(): Promise<boolean> {
  return readFile(`/tmp/${MARK}`).then(
    () => true,
    () => false,
  );
}

/** A matrix file, which takes DEL as an escape only. */
export function matrixFile(content: object): string {
  return JSON.stringify(content).replaceAll('\u007f', '\\u007f');
}
