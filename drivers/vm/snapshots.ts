import type { VmSnapshot } from './control.ts';

/** Those that a person may mean: by id, by the whole path, by any end of it, or by name. The best kind of match only. */
export function findSnapshots(wanted: string, snapshots: readonly VmSnapshot[]): VmSnapshot[] {
  const kinds: ((snapshot: VmSnapshot) => boolean)[] = [
    ({ id }) => id === wanted,
    ({ path }) => path === wanted,
    ({ name }) => name === wanted,
    ({ path }) => path.endsWith(`/${wanted}`),
  ];
  for (const fits of kinds) {
    const found = snapshots.filter(fits);
    if (found.length > 0) return found;
  }
  return [];
}
