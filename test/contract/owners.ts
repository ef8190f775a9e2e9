/** Leases and locks in the hands of other processes: of one that is dead, of one that lives. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host, LeaseRecord, ProcessIdentity } from '../../src/host/host.ts';

/** The record as it would be, had its run been killed; its locks are those of a dead process too. */
export async function orphaned(host: Host, record: LeaseRecord): Promise<LeaseRecord> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const owner = { ...record.owner, pid: child.pid as number, start: '1' };
  await giveTo(owner, await locksOf(record.owner.pid, host));
  return { ...record, owner };
}

/** Files of the locks that a process holds. Engines whose machines are their own take none. */
export async function locksOf(pid: number, { paths }: Host): Promise<string[]> {
  const locks = join(paths.state, 'locks');
  const files = (await readdir(locks, { recursive: true }).catch(() => [])).map((file) => join(locks, file));
  const holders = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return files.filter((_, at) => holders[at]?.includes(`"pid":${pid}`));
}

export async function giveTo(owner: ProcessIdentity, locks: readonly string[]): Promise<void> {
  await Promise.all(locks.map((file) => writeFile(file, JSON.stringify({ owner }))));
}
