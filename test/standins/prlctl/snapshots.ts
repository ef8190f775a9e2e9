/** `snapshot`, `snapshot-switch`, `snapshot-delete`. */
import { randomUUID } from 'node:crypto';
import { deleteSnapshot, kill, restoreSnapshot, startBacking, takeSnapshot } from '../machine/backing.ts';
import { parseArguments } from './arguments.ts';
import { Failure, synchronizing } from './failure.ts';
import { hasFault } from './faults.ts';
import { backingOf, changeBooks, findIn, mustBe, snapshotIn, type Vm } from './state.ts';

export function snapshot(args: readonly string[]): Promise<string> {
  const parsed = parseArguments(args, { words: 1, values: ['--name', '--description'] });
  const doing = 'create the snapshot';
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, parsed.words[0] as string, doing);
    await mustBe(id, vm, doing, 'running', 'stopped');
    const snapshotId = `{${randomUUID()}}`;
    const { live } = await takeSnapshot(backingOf(id), snapshotId);
    vm.snapshots[snapshotId] = {
      name: parsed.get('--name') ?? `Snapshot ${Object.keys(vm.snapshots).length + 1}`,
      date: new Date().toISOString().replace('T', ' ').slice(0, 19),
      state: live ? 'poweron' : 'poweroff',
      parent: vm.current,
    };
    vm.current = snapshotId;
    return `Creating the snapshot...\nThe snapshot with id ${snapshotId} has been successfully created.\n`;
  });
}

export function snapshotSwitch(args: readonly string[]): Promise<string> {
  const parsed = parseArguments(args, {
    words: 1,
    values: ['--id'],
    flags: ['--skip-resume'],
    needs: ['--id'],
  });
  const doing = 'switch the snapshot';
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, parsed.words[0] as string, doing);
    refuseWhileLocked(vm, doing);
    await mustBe(id, vm, doing, 'running', 'paused', 'stopped', 'suspended');
    const { id: snapshotId, snapshot: chosen } = snapshotIn(vm, parsed.get('--id'), doing);
    const backing = backingOf(id);
    await kill(backing);
    await restoreSnapshot(backing, snapshotId);
    vm.current = snapshotId;
    vm.status = chosen.state === 'poweroff' ? 'stopped' : 'suspended';
    if (hasFault('slow-states')) vm.meanwhile = { words: [['restoring', Date.now() + 1_000]] };
    if (vm.status === 'suspended' && !parsed.has('--skip-resume')) {
      await startBacking(backing, { address: vm.address, headless: true });
      vm.status = 'running';
    }
    return 'Switch to the snapshot...\nThe VM has been successfully switched to the snapshot.\n';
  });
}

export function snapshotDelete(args: readonly string[]): Promise<string> {
  const parsed = parseArguments(args, {
    words: 1,
    values: ['--id'],
    flags: ['--children'],
    needs: ['--id'],
  });
  const doing = 'delete snapshot';
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, parsed.words[0] as string, doing);
    refuseWhileLocked(vm, doing);
    const { id: snapshotId, snapshot: chosen } = snapshotIn(vm, parsed.get('--id'), doing);
    for (const { cloneOf } of Object.values(books.vms ?? {})) {
      if (cloneOf?.snapshot !== snapshotId) continue;
      throw new Failure(`Failed to ${doing}: The snapshot is used by a linked clone.`);
    }
    await deleteSnapshot(backingOf(id), snapshotId);
    delete vm.snapshots[snapshotId];
    for (const each of Object.values(vm.snapshots)) {
      if (each.parent === snapshotId) each.parent = chosen.parent;
    }
    return 'Delete the snapshot...\nThe snapshot has been successfully deleted.\n';
  });
}

function refuseWhileLocked({ lockedUntil = 0 }: Vm, doing: string): void {
  if (hasFault('lingering-lock') && Date.now() < lockedUntil) throw synchronizing(doing);
}
