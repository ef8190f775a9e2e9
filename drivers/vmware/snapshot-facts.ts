/**
 * The snapshots of a VM. Which there are, `vmrun` says; what they are stands in the `.vmsd` file beside the `.vmx`, since `vmrun`
 * tells nothing but names.
 */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { VmSnapshot } from '../vm/control.ts';
import type { Dictionary } from './dictionary.ts';
import type { TreeEntry } from './parse.ts';

/** What the `.vmsd` says about one snapshot. */
export interface SnapshotRecord {
  path: string;
  uid: string;
  /** Two halves of a time in microseconds, as they stand there. */
  created: string;
  /** The `.vmsn` file. */
  file: string;
  /** `type = "1"`: taken of a running VM, with its memory. Absent of one that was off. */
  withMemory: boolean;
}

/** In the order of the file, which is that of their making. */
export function snapshotRecords(vmsd: Dictionary): SnapshotRecord[] {
  const numbers = [...vmsd.keys()].flatMap((key) => /^snapshot(\d+)\.uid$/.exec(key)?.[1] ?? []);
  const raw = numbers.map((number) => {
    const get = (name: string) => vmsd.get(`snapshot${number}.${name}`) ?? '';
    return {
      uid: get('uid'),
      parent: get('parent'),
      name: get('displayname'),
      created: `${get('createtimehigh')}:${get('createtimelow')}`,
      file: get('filename'),
      withMemory: get('type') === '1',
    };
  });
  const byUid = new Map(raw.map((each) => [each.uid, each]));
  const pathOf = (uid: string, below: number): string => {
    const own = byUid.get(uid);
    // A damaged file may have a circle in it.
    if (!own || below > raw.length) return '';
    const parent = pathOf(own.parent, below + 1);
    return parent === '' ? own.name : `${parent}/${own.name}`;
  };
  return raw.map(({ uid, created, file, withMemory }) => ({
    path: pathOf(uid, 0),
    uid,
    created,
    file,
    withMemory,
  }));
}

/**
 * Both together. Names of two snapshots may be the same, even below the same parent: nobody can tell those apart on a command line, and
 * they get the same id.
 */
export async function describeSnapshots(
  vmx: string,
  tree: readonly TreeEntry[],
  records: readonly SnapshotRecord[],
): Promise<VmSnapshot[]> {
  const left = [...records];
  return Promise.all(
    tree.map(async ({ name, path }) => {
      const at = left.findIndex((record) => record.path === path);
      const [record] = at === -1 ? [] : left.splice(at, 1);
      return {
        id: path,
        name,
        path,
        live: record !== undefined && (record.withMemory || (await hasMemoryFile(vmx, record.file))),
        stamp: record ? `${record.uid} ${record.created}` : path,
      };
    }),
  );
}

/** `debian-Snapshot1.vmem` beside `debian-Snapshot1.vmsn`. */
async function hasMemoryFile(vmx: string, vmsn: string): Promise<boolean> {
  if (!vmsn.endsWith('.vmsn')) return false;
  return access(join(dirname(vmx), vmsn.replace(/vmsn$/, 'vmem'))).then(
    () => true,
    () => false,
  );
}
