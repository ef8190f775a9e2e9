/** Channels into real guests, as cells get them, and trees of files to send through them. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Machine } from '../../drivers/driver.ts';
import type { BaseTarget } from '../../matrix/model.ts';
import type { AccessKind, GuestChannel } from '../../src/guest/channel.ts';
import type { Host } from '../../src/host/host.ts';
import { connectGuest } from '../../src/run/connect-guest.ts';
import { createHostKeyPins } from '../../src/run/host-keys.ts';

export interface Reach {
  host: Host;
  target: BaseTarget;
  machine: Machine;
  kind: AccessKind;
  onAttempt?: (reason: string) => void;
  /** Gets what a person would be told; without it, that is an error. */
  notes?: string[];
}

/** A channel as a cell gets it: with the memory of the clean state, held to its host key, and with the clock set. */
export async function reach({ host, target, machine, kind, ...more }: Reach): Promise<GuestChannel> {
  const { onAttempt, notes = [] } = more;
  const channel = await connectGuest(
    {
      machine,
      offered: ['agent', 'ssh'],
      guest: { ...target.guest, channel: kind },
      os: target.os,
      pins: createHostKeyPins(host),
      ...(onAttempt ? { onAttempt } : {}),
    },
    AbortSignal.timeout(120_000),
    notes,
  );
  onTestFinished(() => channel.close(false));
  if (more.notes === undefined && notes.length > 0) throw new Error(notes.join('\n'));
  return channel;
}

/** How a promise ended, without letting it be unhandled meanwhile. */
export function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => ({ resolved: value }),
    (error: unknown) => error,
  );
}

/** Describes a tree: what its files hold. GNU's and busybox's tools print the same. */
export const CONTENTS = 'export LC_ALL=C; find . -type f -print0 | sort -z | xargs -0 md5sum';
/** And its modes and links; those of its top are not the tree's. */
export const SHAPE = `export LC_ALL=C
find . -mindepth 1 ! -type l -print0 | sort -z | xargs -0 stat -c '%a %n'
find . -type l | sort | while read -r link; do echo "$link -> $(readlink "$link")"; done`;

export async function describeHere(folder: string, script: string): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-c', script], {
    cwd: folder,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

/** Bytes that look random and are the same every time, so that a damaged byte shows. */
export function noise(bytes: number, seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let have = 0; have < bytes; have += 64) {
    blocks.push(createHash('sha512').update(`${seed} ${have}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** Some 8 MB: a few large files, many small ones, links of every kind, unusual names and modes. */
export async function makeTree(folder: string): Promise<void> {
  await mkdir(join(folder, 'large'), { recursive: true });
  for (const bytes of [4_000_001, 1_048_576, 1_048_577]) {
    await writeFile(join(folder, 'large', String(bytes)), noise(bytes, String(bytes)));
  }
  for (let group = 0; group < 11; group += 1) {
    const path = join(folder, `group ${group}`, 'deep'.repeat(group * 4), 'ünï');
    await mkdir(path, { recursive: true });
    for (let number = 0; number < 40; number += 1) {
      const name = `it's "${number}".txt`;
      await writeFile(join(path, name), noise(number * 170, `${group} ${number}`), {
        mode: [0o644, 0o600, 0o755, 0o440][number % 4] as number,
      });
    }
  }
  await mkdir(join(folder, 'empty'), { mode: 0o750 });
  await symlink('large/4000001', join(folder, 'to-a-file'));
  await symlink('group 1', join(folder, 'to-a-folder'));
  await symlink(`/nowhere/${'far/'.repeat(40)}`, join(folder, 'to-nothing'));
}
