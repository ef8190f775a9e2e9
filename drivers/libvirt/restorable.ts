/** Whether a snapshot can be restored in the domain itself: known before a person's domain is powered off for it. */
import type { TargetProblem } from '../driver.ts';
import type { VmContext, VmInfo, VmSnapshot } from '../vm/control.ts';
import { baseOf } from './base.ts';
import { EXTERNAL } from './errors.ts';
import type { LibvirtSnapshot } from './snapshots.ts';
import { virsh } from './virsh.ts';
import { parseXml, select } from './xml.ts';

/** Undefined: it can, as far as libvirt tells. */
export async function restoreProblem(
  vm: VmInfo,
  snapshot: VmSnapshot,
  context: VmContext,
): Promise<TargetProblem | undefined> {
  if (!(snapshot as LibvirtSnapshot).external) return undefined;
  if (restoresExternal(await virsh('asking what it can', ['capabilities'], context))) return undefined;
  const cloneable = (await baseOf(vm, snapshot, context)).why === undefined;
  const instead = cloneable
    ? 'Leave out `clone: none`: clones need no restore.'
    : 'Take it with `--disk-only`, whose cells run on clones.';
  return {
    code: EXTERNAL,
    message: `the snapshot ${JSON.stringify(snapshot.name)} is external, which this libvirt cannot restore in the domain itself`,
    hint: `${instead} libvirt 9.9 or later can restore it.`,
  };
}

/** libvirt says so of its guests since 9.9.0 (docs/formatcaps.rst there). Where it lists none, the restore itself will tell. */
export function restoresExternal(capabilities: string): boolean {
  const guests = select(parseXml(capabilities), 'capabilities/guest');
  return guests.length === 0 || guests.some((guest) => select(guest, 'features/externalSnapshot').length > 0);
}
