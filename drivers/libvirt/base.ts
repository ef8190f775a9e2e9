/** What the overlays of clones may stand on. */
import type { VmContext, VmInfo, VmSnapshot } from '../vm/control.ts';
import { domainXml, snapshotXml } from './inventory.ts';
import { type FrozenDisk, frozenDisks, writableDisks } from './snapshots.ts';
import { parseXml } from './xml.ts';

/** The disks; or why there can be no clones. */
export type Base = { disks: FrozenDisk[]; why?: never } | { disks?: never; why: string };

/** By the snapshot as it was found: who asks whether it can be cloned usually wants the clone next. */
const known = new WeakMap<VmSnapshot, Base>();

export async function baseOf(vm: VmInfo, snapshot: VmSnapshot, context: VmContext): Promise<Base> {
  const base = known.get(snapshot) ?? (await readBase(vm, snapshot, context));
  known.set(snapshot, base);
  return base;
}

async function readBase(vm: VmInfo, { id }: VmSnapshot, context: VmContext): Promise<Base> {
  if (id !== '') return frozenDisks(await snapshotXml(vm, id, context));
  if (vm.state !== 'off') return { why: 'it is not off, so its disks change' };
  const disks: FrozenDisk[] = [];
  for (const { target, file, format } of writableDisks(parseXml(await domainXml(vm, context)), 'domain')) {
    if (file === undefined) return { why: `its disk ${target} is no file` };
    disks.push({ target, file, format });
  }
  return { disks };
}
