/**
 * SSH host keys pinned per clean state, where the state itself does not carry them. Addresses and forwarded ports are
 * recycled between machines, so they are no name for a key; the clean state's identity is.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../host/atomic-write.ts';

export interface HostKeyPins {
  get(identity: string): Promise<string | undefined>;
  set(identity: string, fingerprint: string): Promise<void>;
}

export function createHostKeyPins(state: string): HostKeyPins {
  const folder = join(state, 'host-keys');
  const pathOf = (identity: string) => join(folder, createHash('sha256').update(identity).digest('hex'));
  return {
    get: async (identity) => {
      try {
        return (await readFile(pathOf(identity), 'utf8')).trim();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    set: async (identity, fingerprint) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeAtomic(pathOf(identity), `${fingerprint}\n`);
    },
  };
}
