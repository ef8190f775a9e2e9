/**
 * Disk overlays for clones, made by libvirt itself as volumes beside their base: so they are where the domain's host is, and
 * belong to whom its QEMU runs as.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { CloneRequest } from '../vm/control.ts';
import type { FrozenDisk } from './snapshots.ts';
import { TABLE, tryVirsh, type VirshContext, virsh } from './virsh.ts';
import { parseXml, textOf } from './xml.ts';

const LOG = '-console.log';

/** @returns the overlay's path by the disk's target. */
export async function makeOverlays(
  { name: clone, folder: scratch }: Pick<CloneRequest, 'name' | 'folder'>,
  disks: readonly FrozenDisk[],
  context: VirshContext,
): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const disk of disks) {
    const folder = posix.dirname(disk.file);
    const pool = (await poolOf(folder, context)) ?? (await makePool(folder, context));
    const name = `${clone}-${disk.target}.qcow2`;
    const xml = join(scratch, `${name}.xml`);
    await writeFile(xml, volumeXml(name, disk, await capacityOf(disk, pool, context)));
    await virsh(`making the overlay ${name}`, ['vol-create', '--pool', pool, '--file', xml], context);
    made.set(disk.target, posix.join(folder, name));
  }
  return made;
}

/** Where the log of a clone's console is written when it is a volume too. */
export function logVolume(folder: string, clone: string): string {
  return posix.join(folder, `${clone}${LOG}`);
}

/** Those of a clone, wherever they are: it may be the rest of one that was never finished. */
export async function removeVolumes(clone: string, context: VirshContext): Promise<void> {
  for (const pool of await poolNames(context)) await removeFrom(pool, clone, context);
}

async function removeFrom(pool: string, clone: string, context: VirshContext): Promise<void> {
  const names = await volumesIn(pool, clone, context);
  for (const name of names) {
    await virsh(`removing ${name}`, ['vol-delete', '--pool', pool, '--vol', name], context);
  }
  // A success may be none.
  const [left] = names.length > 0 ? await volumesIn(pool, clone, context) : [];
  if (left !== undefined)
    throw new VmtestError('LIBVIRT_FAILED', `removing ${left} failed: the storage pool ${pool} has it yet`);
}

async function volumesIn(pool: string, clone: string, context: VirshContext): Promise<string[]> {
  const doing = `looking at the storage pool ${pool}`;
  try {
    // Finds also what was made when another libvirtd ran, or by virtlogd.
    await virsh(doing, ['pool-refresh', '--pool', pool], context, { says: /refreshed/ });
    return volumesOf(clone, await virsh(doing, ['vol-list', '--pool', pool], context, { says: TABLE }));
  } catch (error) {
    // libvirt gives up a pool whose folder is gone. Nothing of ours can be there.
    if ((await poolNames(context)).includes(pool)) throw error;
    return [];
  }
}

/** Of the table of `vol-list`: a name and a path in each line. */
export function volumesOf(clone: string, table: string): string[] {
  const names = table.split('\n').map((line) => line.trim().split(/\s+/)[0] ?? '');
  return names.filter(
    (name) => name === `${clone}${LOG}` || (name.startsWith(`${clone}-`) && name.endsWith('.qcow2')),
  );
}

/** By what libvirt knows of it; undefined when no pool is there. */
export async function poolOf(folder: string, context: VirshContext): Promise<string | undefined> {
  for (const pool of await poolNames(context)) {
    const xml = await virsh('reading a storage pool', ['pool-dumpxml', '--pool', pool], context);
    if (posix.resolve(textOf(parseXml(xml), 'pool/target/path')) === posix.resolve(folder)) return pool;
  }
  return undefined;
}

async function poolNames(context: VirshContext): Promise<string[]> {
  return poolsOf(await virsh('listing the storage pools', ['pool-list'], context, { says: TABLE }));
}

/** Of the table of `pool-list`: those that are active, whose names may hold spaces. */
export function poolsOf(table: string): string[] {
  return [...table.matchAll(/^ *(.*\S) +active +(?:yes|no) *$/gm)].map(([, name = '']) => name);
}

/** A pool is nothing but libvirt's knowledge of a folder; a transient one is forgotten when libvirtd ends. */
async function makePool(folder: string, context: VirshContext): Promise<string> {
  const name = `vmtest-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`;
  const argv = ['pool-create-as', '--name', name, '--type', 'dir', '--target', folder];
  const { exitCode } = await tryVirsh(argv, context);
  // Another cell was quicker.
  if (exitCode === 0 || (await poolNames(context)).includes(name)) return name;
  await virsh(`making a storage pool of ${folder}`, argv, context);
  return name;
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
