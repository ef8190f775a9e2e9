/**
 * SSH host keys pinned per clean state, where the state itself does not carry them. Addresses and forwarded ports are
 * recycled between machines, so they are no name for a key; the clean state's identity is.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { writeAtomic } from '../host/atomic-write.ts';
import type { Host } from '../host/host.ts';
import { makeFolder } from '../host/make-folder.ts';
import { complaint, readStateFile } from '../host/state-file.ts';

export interface HostKeyPins {
  get(identity: string): Promise<string | undefined>;
  set(identity: string, fingerprint: string): Promise<void>;
}

export function createHostKeyPins({ paths, warn }: Pick<Host, 'paths' | 'warn'>): HostKeyPins {
  const folder = join(paths.state, 'host-keys');
  const pathOf = (identity: string) => join(folder, createHash('sha256').update(identity).digest('hex'));
  return {
    get: async (identity) => {
      const path = pathOf(identity);
      const file = await readStateFile(path, parsePin);
      if (file.state === 'whole') return file.value;
      const trouble = complaint(path, file, 'the host key that the guest shows now counts as its own');
      if (trouble !== undefined) warn(trouble);
      return undefined;
    },
    set: async (identity, fingerprint) => {
      await makeFolder(folder);
      await writeAtomic(pathOf(identity), `${fingerprint}\n`);
    },
  };
}

/** As OpenSSH writes fingerprints: 256 bits in base64, without padding. */
function parsePin(text: string): string | undefined {
  return /^(SHA256:[A-Za-z0-9+/]{43})\n$/.exec(text)?.[1];
}
