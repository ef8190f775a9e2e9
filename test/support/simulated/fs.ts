/** `node:fs` with streams that write at once: real ones come back whenever the system likes, and no run could be replayed. */
import type * as Fs from 'node:fs';
import { Writable } from 'node:stream';
import { needRoom } from './disk.ts';
import { currentProcess } from './process.ts';

const fs: typeof Fs = process.getBuiltinModule('node:fs');

export function createWriteStream(path: string): Writable {
  const owner = currentProcess();
  return new Writable({
    construct: (done) => attempt(path, () => fs.writeFileSync(path, ''), done),
    write: (chunk: Buffer, _encoding, done) => {
      if (!owner?.isDead) attempt(path, () => fs.appendFileSync(path, chunk), done);
    },
  });
}

function attempt(path: string, work: () => void, done: (error?: Error) => void): void {
  try {
    needRoom(path);
    work();
    done();
  } catch (error) {
    done(error as Error);
  }
}
