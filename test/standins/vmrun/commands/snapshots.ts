import { readFile, writeFile } from 'node:fs/promises';
import { deleteSnapshot, discardMemory, kill, restoreSnapshot, takeSnapshot } from '../../machine/backing.ts';
import type { Flags } from '../command-line.ts';
import { Failure } from '../failure.ts';
import { hasFault } from '../faults.ts';
import { removeStateFiles, setKeys, stateFile, writeSnapshots } from '../files.ts';
import { backingOf, change, type Machine, machineOf, noteOff, type Snapshot, unlocked } from '../machines.ts';
import { start } from './power.ts';

export async function listSnapshots(flags: Flags, vmx: string, tree: boolean): Promise<string> {
  const { snapshots } = await machineOf(vmx, flags);
  const lines = (parent: number | undefined, depth: number): string[] =>
    snapshots
      .filter((each) => each.parent === parent)
      .flatMap(({ uid, name }) => [`${'\t'.repeat(tree ? depth : 0)}${name}`, ...lines(uid, depth + 1)]);
  return [`Total snapshots: ${snapshots.length}`, ...lines(undefined, 0), ''].join('\n');
}

export async function snapshot(flags: Flags, vmx: string, name: string): Promise<string> {
  const machine = await machineOf(vmx, flags);
  if (machine.snapshots.some((each) => each.name === name)) {
    throw new Failure('A snapshot with the name already exists');
  }
  await addSnapshot(vmx, machine, name);
  return '';
}

/** As the snapshot manager makes them: names may be the same. */
export async function addSnapshot(vmx: string, machine: Machine, name: string): Promise<void> {
  const uid = machine.lastUid + 1;
  const { live } = await takeSnapshot(backingOf(machine), String(uid));
  const { current } = machine;
  const taken: Snapshot = {
    uid,
    name,
    ...(current === undefined ? {} : { parent: current }),
    live,
    created: Date.now() * 1000,
    vmx: await readFile(vmx, 'utf8'),
  };
  Object.assign(machine, { snapshots: [...machine.snapshots, taken], lastUid: uid, current: uid });
  await keep(vmx, machine);
}

export async function revertToSnapshot(flags: Flags, vmx: string, wanted: string): Promise<string> {
  let machine = await machineOf(vmx, flags);
  const to = findSnapshot(machine, wanted);
  if (machine.running) {
    await kill(backingOf(machine));
    await noteOff(vmx);
  }
  machine = await unlocked(vmx, flags);
  await restoreSnapshot(backingOf(machine), String(to.uid));
  if (!to.live) await discardMemory(backingOf(machine));
  await writeFile(vmx, to.vmx);
  // Suspended, in the state of then.
  await setKeys(vmx, { 'checkpoint.vmState': to.live ? stateFile(vmx, to) : '' });
  machine.current = to.uid;
  await keep(vmx, machine);
  if (to.live && hasFault('auto-resume')) await start(flags, vmx, 'nogui');
  return '';
}

export async function removeSnapshot(flags: Flags, vmx: string, wanted: string): Promise<string> {
  const machine = await machineOf(vmx, flags);
  const gone = findSnapshot(machine, wanted);
  await deleteSnapshot(backingOf(machine), String(gone.uid));
  const children = machine.snapshots.filter(({ parent }) => parent === gone.uid);
  for (const child of children) child.parent = gone.parent as number;
  machine.snapshots = machine.snapshots.filter(({ uid }) => uid !== gone.uid);
  if (machine.current === gone.uid) machine.current = gone.parent as number;
  await removeStateFiles(vmx, gone);
  await keep(vmx, machine);
  return '';
}

/** By path, or by a name that only one has; a slash is always a step. */
export function findSnapshot({ snapshots }: Machine, wanted: string): Snapshot {
  const names = wanted.split('/');
  const isAt = (snapshot: Snapshot | undefined, below: readonly string[]): boolean =>
    below.length === 0
      ? snapshot === undefined
      : snapshot !== undefined &&
        snapshot.name === below.at(-1) &&
        isAt(
          snapshots.find(({ uid }) => uid === snapshot.parent),
          below.slice(0, -1),
        );
  const found =
    names.length === 1
      ? snapshots.filter(({ name }) => name === wanted)
      : snapshots.filter((each) => isAt(each, names));
  const [first, ...others] = found;
  if (!first) throw new Failure('The snapshot does not exist');
  // VIX has a code for it (13017); its text is not known here.
  if (others.length > 0) throw new Failure('The snapshot name is not unique');
  return first;
}

async function keep(vmx: string, machine: Machine): Promise<void> {
  await change(vmx, (kept) => {
    const { snapshots, lastUid, current } = machine;
    Object.assign(kept, { snapshots, lastUid, current });
  });
  await writeSnapshots(vmx, machine);
}
