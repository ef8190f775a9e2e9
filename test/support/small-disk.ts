import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const CAN_MOUNT = process.platform === 'linux' && process.getuid?.() === 0;

export interface SmallDisk {
  folder: string;
  /** Leaves no room for a single file. */
  fill(): void;
  makeReadOnly(): void;
}

/** A file system in memory with room for some dozens of files, gone after the test. */
export async function smallDisk(): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'vmtest-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,nr_inodes=200', 'tmpfs', folder]);
  onTestFinished(async () => {
    execFileSync('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true });
  });
  return {
    folder,
    fill: () => {
      fillWith(folder, 'a', Buffer.alloc(4096));
      // Folders take no room, but an entry in the table of files.
      fillWith(folder, 'b', Buffer.alloc(0));
    },
    makeReadOnly: () => execFileSync('mount', ['-o', 'remount,ro', folder]),
  };
}

function fillWith(folder: string, kind: string, data: Buffer): void {
  try {
    for (let file = 0; ; file += 1) writeFileSync(join(folder, `filler-${kind}-${file}`), data);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
