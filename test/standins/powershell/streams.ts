/** The process's own streams. */
import { readFileSync, writeSync } from 'node:fs';
import { hasFault } from './faults.ts';

export function readStdin(): string {
  return readFileSync(0, 'utf8');
}

export function writeStdout(bytes: Uint8Array): void {
  let rest = hasFault('cut') ? bytes.subarray(0, bytes.length - 20) : bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
