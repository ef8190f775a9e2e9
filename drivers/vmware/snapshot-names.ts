/** Snapshots that exist and cannot be said to `vmrun`. */
import type { TargetProblem } from '../driver.ts';
import { problemError } from '../problem.ts';
import type { VmSnapshot } from '../vm/control.ts';

/**
 * `vmrun` takes a slash for the step from a snapshot to one that was made on it. A path without a step is a mere name to it, which no
 * other snapshot may have (VIX calls it `VIX_E_SNAPSHOT_NONUNIQUE_NAME`).
 */
export function nameProblem(snapshot: VmSnapshot, all: readonly VmSnapshot[]): TargetProblem | undefined {
  const { name, path } = snapshot;
  const why = name.includes('/')
    ? 'has a slash in its name, which vmrun takes for a step in a path'
    : path === name && all.some((other) => other !== snapshot && other.name === name)
      ? 'has a name that another one has too, and vmrun cannot tell them apart'
      : undefined;
  if (why === undefined) return undefined;
  return {
    code: 'VMWARE_SNAPSHOT_NAME',
    message: `the snapshot ${JSON.stringify(path)} ${why}`,
    hint: 'Rename it in the snapshot manager.',
  };
}

/** @throws VmtestError `VMWARE_SNAPSHOT_NAME` */
export function requireName(snapshot: VmSnapshot): void {
  const problem = nameProblem(snapshot, []);
  if (problem) throw problemError(problem);
}
