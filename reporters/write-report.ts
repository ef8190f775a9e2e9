/** A report on disk is whole or absent: written beside its place, then renamed over it. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VmtestError } from '../src/host/errors.ts';
import { refusalOf } from '../src/host/system-errors.ts';
import { removeUnfinishedBeside, temporaryName } from '../src/host/temporary.ts';

const BATCH = 64 * 1024;

/**
 * Writes the pieces as they are made, so that a report of any size takes little memory.
 * @throws VmtestError `REPORT_NOT_WRITTEN`
 */
export async function writeReport(path: string, pieces: Iterable<string>): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeUnfinishedBeside(path);
    await writePieces(temporary, pieces);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw notWritten(path, error);
  }
}

async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const batch of batches(pieces)) await file.writeFile(batch);
  } finally {
    await file.close();
  }
}

function* batches(pieces: Iterable<string>): Generator<string> {
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < BATCH) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}

function notWritten(path: string, error: unknown): VmtestError {
  const { code, message } = error as NodeJS.ErrnoException;
  const refusal = refusalOf(error);
  return new VmtestError(
    'REPORT_NOT_WRITTEN',
    `${path} could not be written: ${refusal?.words ?? code ?? message}`,
    { hint: refusal?.hint ?? 'Look at that folder, and at the ones above it.', cause: error },
  );
}
