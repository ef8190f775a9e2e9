/** Leases and locks in the hands of other processes: of one that is dead, of one that lives. */
import { readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Host, LeaseRecord, ProcessIdentity } from '../../src/host/host.ts';
import { tagOf } from '../../src/host/process-identity.ts';
import { endedProcessId } from '../support/processes.ts';

/** The record as it would be, had its run been killed; its locks are those of a dead process too. */
export async function orphaned(host: Host, record: LeaseRecord): Promise<LeaseRecord> {
  const owner = { ...record.owner, pid: await endedProcessId(), start: '1' };
  await giveTo(owner, await locksOf(record.owner.pid, host));
  return { ...record, owner };
}

/** The locks that a process holds, as folders. Engines whose machines are their own take none. */
export async function locksOf(pid: number, { paths }: Host): Promise<string[]> {
  const locks = join(paths.state, 'locks');
  const files = await readdir(locks, { recursive: true }).catch(() => []);
  const held = files.filter((file) => basename(file).startsWith(`held.${pid}-`));
  return held.map((file) => join(locks, dirname(file)));
}

export async function giveTo(owner: ProcessIdentity, locks: readonly string[]): Promise<void> {
  for (const lock of locks) {
    const [now = ''] = await readdir(lock);
    await rename(join(lock, now), join(lock, `held.${tagOf(owner)}`));
  }
}
