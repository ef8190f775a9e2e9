/**
 * Storage pools: what libvirt knows of a folder. A folder of which nobody has made one gets one of ours, transient, which is
 * given up with the last file of a clone in it. Cells, runs and hosts do so without asking each other, and a reboot forgets
 * all transient ones: whoever finds the pool gone makes it anew.
 */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import { BUSY, explain } from './errors.ts';
import { TABLE, tryVirsh, type VirshContext, virsh } from './virsh.ts';
import { parseXml, textOf } from './xml.ts';

export interface Pool {
  name: string;
  /** One that is made anew has another. */
  uuid: string;
}

/** Each can meet the end of another clone. */
const ATTEMPTS = 5;

/**
 * Has something done in the pool of a folder.
 * @throws VmtestError `LIBVIRT_NO_FOLDER` when there is no such folder where the domain runs.
 */
export async function inPool<T>(
  folder: string,
  context: VirshContext,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const pool = (await poolOf(folder, context)) ?? (await makePool(folder, context));
    try {
      return await work(pool);
    } catch (error) {
      const isGone = async () => !(await isThere(pool, context));
      if (attempt < ATTEMPTS && !context.signal.aborted && (await isGone().catch(() => false))) continue;
      throw error;
    }
  }
}

/** Gives up a pool of ours, in which no clone has a file any more. The folder stays as it is. */
export async function giveUpPool(pool: Pool, folder: string, context: VirshContext): Promise<void> {
  if (pool.name !== ourName(folder)) return;
  const doing = `giving up the storage pool ${pool.name}`;
  const argv = ['pool-destroy', '--pool', pool.uuid];
  const { stderr } = await tryVirsh(argv, context);
  // A volume is being made in it: that cell will be the last.
  if (explain(stderr, { doing, code: 'LIBVIRT_FAILED' }).code === BUSY) return;
  // A success may be none, and after a failure another cell may have been quicker.
  if (!(await isThere(pool, context))) return;
  await virsh(doing, argv, context);
  if (await isThere(pool, context)) throw didNothing(doing);
}

/** Of the table of `pool-list`: those that are active, whose names may hold spaces. */
export function poolsOf(table: string): string[] {
  return [...table.matchAll(/^ *(.*\S) +active +(?:yes|no) *$/gm)].map(([, name = '']) => name);
}

/** By what libvirt knows of it; undefined when no pool is there. */
async function poolOf(folder: string, context: VirshContext): Promise<Pool | undefined> {
  const names = await poolNames(context);
  const ours = ourName(folder);
  // Ours says by its name what it is of; the others have to be read, one by one.
  for (const name of names.includes(ours) ? [ours] : names) {
    const pool = await readPool(name, context);
    if (pool && posix.resolve(pool.folder) === posix.resolve(folder)) return pool;
  }
  return undefined;
}

async function isThere({ name, uuid }: Pool, context: VirshContext): Promise<boolean> {
  return (await poolNames(context)).includes(name) && (await readPool(name, context))?.uuid === uuid;
}

/** Undefined when it has been given up since it was listed. */
async function readPool(
  name: string,
  context: VirshContext,
): Promise<(Pool & { folder: string }) | undefined> {
  try {
    const xml = parseXml(
      await virsh('reading a storage pool', ['pool-dumpxml', '--pool', name], context, { says: /<pool\b/ }),
    );
    return { name, uuid: textOf(xml, 'pool/uuid'), folder: textOf(xml, 'pool/target/path') };
  } catch (error) {
    if ((await poolNames(context)).includes(name)) throw error;
    return undefined;
  }
}

async function poolNames(context: VirshContext): Promise<string[]> {
  return poolsOf(await virsh('listing the storage pools', ['pool-list'], context, { says: TABLE }));
}

async function makePool(folder: string, context: VirshContext): Promise<Pool> {
  const argv = ['pool-create-as', '--name', ourName(folder), '--type', 'dir', '--target', folder];
  await tryVirsh(argv, context);
  // A success may be none, and after a failure another cell may have been quicker.
  const made = await poolOf(folder, context);
  if (made) return made;
  const doing = `making a storage pool of ${folder}`;
  await virsh(doing, argv, context);
  const madeNow = await poolOf(folder, context);
  if (!madeNow) throw didNothing(doing);
  return madeNow;
}

function didNothing(doing: string): VmtestError {
  return new VmtestError('LIBVIRT_FAILED', `${doing} failed: \`virsh\` ended with 0, and nothing was done`);
}

function ourName(folder: string): string {
  return `vmtest-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`;
}
