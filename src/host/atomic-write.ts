/** Files that are whole or absent: written beside their place, then renamed over it. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { VmtestError } from './errors.ts';
import { refusalOf } from './system-errors.ts';
import { temporaryName } from './temporary.ts';

/**
 * Writes a file so that no reader ever sees half of it. Not synced: survives the death of the process, not of the host.
 * @throws VmtestError `FILE_NOT_WRITTEN`; what was there before is there still.
 */
export async function writeAtomic(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, data, { mode });
    await rename(temporary, path);
  } catch (error) {
    // On a broken disk this fails too; the first failure tells more.
    await rm(temporary, { force: true }).catch(() => {});
    throw notWritten(path, error);
  }
}

/** Why a file or folder of ours could not be made, as a person can mend it. */
export function notWritten(path: string, thrown: unknown): VmtestError {
  const { code, message } = thrown as NodeJS.ErrnoException;
  const refusal = refusalOf(thrown);
  const why = refusal?.words ?? WORDS[code ?? ''] ?? message;
  return new VmtestError('FILE_NOT_WRITTEN', `${path} could not be written: ${why}`, {
    hint: refusal?.hint ?? 'Look at that folder, and at the ones above it.',
    cause: thrown,
  });
}

const WORDS: Readonly<Record<string, string>> = {
  EISDIR: 'a folder lies in its place (EISDIR)',
  ENOTDIR: 'a file lies where a folder should be (ENOTDIR)',
};
