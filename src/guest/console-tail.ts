/** What a guest said last on its console: part of errors, since it often tells why. */
import { open } from 'node:fs/promises';
import { VmtestError } from '../host/errors.ts';

/** Bytes. */
const TAIL = 4 * 1024;

/**
 * The end of a console's log, without control characters; empty when there is none. It begins with a whole line (or
 * behind a terminal sequence, where there are no lines): who masks secrets in it would not know the rest of one.
 */
export async function consoleTail(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL), 0, TAIL, start);
    const text = buffer.toString('utf8', 0, bytesRead);
    const whole = start === 0 ? text : text.replace(/^\P{Cc}*/u, '');
    return whole.replace(/[^\P{C}\n\t]/gu, '').replace(/^\n/, '');
  } finally {
    await file.close();
  }
}

/** The error with the end of the console's log in its details: that tells more than that a guest does not answer. */
export async function withConsole(error: unknown, log: string): Promise<unknown> {
  const tail = await consoleTail(log);
  if (!(error instanceof VmtestError) || tail === '') return error;
  const before = error.details === undefined ? '' : `${error.details}\n\n`;
  return error.with({ details: `${before}The guest's console, last lines:\n${tail}` });
}
