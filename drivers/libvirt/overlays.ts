/**
 * Disk overlays for clones, made by libvirt itself as volumes beside their base: so they are where the domain's host is, and
 * belong to whom its QEMU runs as.
 */
import { writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { CloneRequest } from '../vm/control.ts';
import { NO_FOLDER } from './errors.ts';
import { giveUpPool, inPool } from './pools.ts';
import type { FrozenDisk } from './snapshots.ts';
import { TABLE, type VirshContext, virsh } from './virsh.ts';
import { parseXml, textOf } from './xml.ts';

const LOG = '-console.log';

/** A clone is called after the id of its lease. */
const CLONES_FILE = /^(vmtest-[a-z2-7]+)-(?:.*\.qcow2|console\.log)$/;

/** The folders, on the domain's host, in which a clone of these disks has its files. */
export function foldersOf(disks: readonly FrozenDisk[]): string[] {
  return [...new Set(disks.map(({ file }) => posix.dirname(file)))];
}

/** @returns the overlay's path by the disk's target. */
export async function makeOverlays(
  { name: clone, folder: scratch }: Pick<CloneRequest, 'name' | 'folder'>,
  disks: readonly FrozenDisk[],
  context: VirshContext,
): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const disk of disks) {
    const folder = posix.dirname(disk.file);
    const name = `${clone}-${disk.target}.qcow2`;
    const xml = join(scratch, `${name}.xml`);
    await inPool(folder, context, async (pool) => {
      await writeFile(xml, volumeXml(name, disk, await capacityOf(disk, pool.name, context)));
      const argv = ['vol-create', '--pool', pool.name, '--file', xml];
      await virsh(`making the overlay ${name}`, argv, context);
    });
    made.set(disk.target, posix.join(folder, name));
  }
  return made;
}

/** Where the log of a clone's console is written when it is a volume too. */
export function logVolume(folder: string, clone: string): string {
  return posix.join(folder, `${clone}${LOG}`);
}

/** Those of a clone, which may be the rest of one that was never finished, and the pool in which it was the last. */
export async function removeVolumes(
  clone: string,
  folders: readonly string[],
  context: VirshContext,
): Promise<void> {
  for (const folder of folders) {
    try {
      await inPool(folder, context, async (pool) => {
        const others = await removeFrom(pool.name, clone, context);
        if (others.length === 0) await giveUpPool(pool, folder, context);
      });
    } catch (error) {
      // Nothing of ours can be there.
      if (!(error instanceof VmtestError && error.code === NO_FOLDER)) throw error;
    }
  }
}

/** @returns the files of other clones in the pool. */
async function removeFrom(pool: string, clone: string, context: VirshContext): Promise<string[]> {
  const before = await filesIn(pool, context);
  const ours = filesOf(clone, before);
  for (const name of ours) {
    await virsh(`removing ${name}`, ['vol-delete', '--pool', pool, '--vol', name], context);
  }
  // A success may be none.
  const after = ours.length > 0 ? await filesIn(pool, context) : before;
  const [left] = filesOf(clone, after);
  if (left !== undefined)
    throw new VmtestError('LIBVIRT_FAILED', `removing ${left} failed: the storage pool ${pool} has it yet`);
  return after;
}

/** Of all clones. */
async function filesIn(pool: string, context: VirshContext): Promise<string[]> {
  const doing = `looking at the storage pool ${pool}`;
  // Finds also what was made when another libvirtd ran, or by virtlogd.
  await virsh(doing, ['pool-refresh', '--pool', pool], context, { says: /refreshed/ });
  return clonesFiles(await virsh(doing, ['vol-list', '--pool', pool], context, { says: TABLE }));
}

/** Of the table of `vol-list`: a name and a path in each line. */
export function clonesFiles(table: string): string[] {
  const names = table.split('\n').map((line) => line.trim().split(/\s+/)[0] ?? '');
  return names.filter((name) => CLONES_FILE.test(name));
}

export function filesOf(clone: string, files: readonly string[]): string[] {
  return files.filter((name) => CLONES_FILE.exec(name)?.[1] === clone);
}

/** Bytes. The base has to be known to the pool: it may be younger than the pool's last look. */
async function capacityOf({ file }: FrozenDisk, pool: string, context: VirshContext): Promise<string> {
  await virsh('looking at the storage pool', ['pool-refresh', '--pool', pool], context);
  const xml = await virsh(`looking at ${file}`, ['vol-dumpxml', '--vol', file], context);
  return textOf(parseXml(xml), 'volume/capacity');
}

function volumeXml(name: string, { file, format }: FrozenDisk, capacity: string): string {
  const path = file.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<volume><name>${name}</name><capacity unit='bytes'>${capacity}</capacity><target><format type='qcow2'/></target><backingStore><path>${path}</path><format type='${format}'/></backingStore></volume>`;
}
