/** `snapshot`: take, list, restore, delete. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deleteSnapshot, restoreSnapshot, takeSnapshot } from '../../machine/backing.ts';
import { type Command, type Io, PROGRESS } from '../command.ts';
import { comFailure, comLines, Failure, notCovered, plainFailure, usageFailure, where } from '../failure.ts';
import { snapshotLines } from '../machine-readable.ts';
import { childrenOf, layer, mediaOf, merge, removeMedium } from '../media.ts';
import { parseOptions } from '../options.ts';
import { writeSettings } from '../settings-file.ts';
import {
  changing,
  findMachine,
  findSnapshot,
  inTreeOrder,
  lockShared,
  looking,
  type Machine,
  now,
  type Registry,
} from '../state.ts';

export const snapshot: Command = async ([wanted = '', verb, ...args], io) => {
  if (verb === undefined) throw usageFailure('Not enough parameters', { again: true });
  switch (verb) {
    case 'take':
      return take(wanted, args, io);
    case 'list':
      return list(wanted, args, io);
    case 'restore':
    case 'delete':
      return change(wanted, verb, args, io);
    case 'restorecurrent':
    case 'edit':
    case 'showvminfo':
      throw notCovered(`snapshot ${verb}`);
    default:
      findMachine(await looking(), wanted);
      throw usageFailure(`Invalid parameter '${verb}'`, { exitCode: 1, again: true });
  }
};

async function take(wanted: string, args: string[], io: Io): Promise<number> {
  const [name, ...more] = args;
  if (name === undefined) throw usageFailure('Missing snapshot name');
  const { values } = parseOptions(more, { '--description': 'value', '-d': 'value', '--live': 'flag' });
  const description = values.get('--description') ?? values.get('-d');
  await changing(async (registry) => {
    const machine = findMachine(registry, wanted);
    lockShared(machine);
    const uuid = randomUUID();
    const running = machine.state === 'running';
    await takeSnapshot({ folder: machine.backing }, uuid);
    const memory = join(machine.folder, 'Snapshots', `${uuid}.sav`);
    const stateFile = running ? memory : machine.state === 'saved' ? machine.stateFile : undefined;
    machine.snapshots.push({
      uuid,
      name,
      ...(description ? { description } : {}),
      ...(machine.current === undefined ? {} : { parent: machine.current }),
      time: now(),
      hardware: machine.hardware,
      ...(stateFile === undefined ? {} : { stateFile }),
      ...(running ? { hasMemory: true as const } : {}),
    });
    machine.current = uuid;
    machine.hardware = await layer(machine.hardware, machine, registry);
    await writeSettings(machine);
    io.err(PROGRESS);
    io.out(`Snapshot taken. UUID: ${uuid}`);
  });
  return 0;
}

async function list(wanted: string, args: string[], io: Io): Promise<number> {
  const { values } = parseOptions(args, { '--machinereadable': 'flag', '--details': 'flag' });
  const machine = findMachine(await looking(), wanted);
  if (machine.snapshots.length === 0) {
    io.out('This machine does not have any snapshots');
    return 1;
  }
  const lines = values.has('--machinereadable') ? snapshotLines(machine) : forPeople(machine);
  for (const line of lines) io.out(line);
  return 0;
}

function forPeople(machine: Machine): string[] {
  const depth = new Map<string, number>();
  return inTreeOrder(machine).flatMap(({ uuid, name, description, parent }) => {
    depth.set(uuid, parent === undefined ? 1 : (depth.get(parent) ?? 0) + 1);
    const indent = '   '.repeat(depth.get(uuid) ?? 1);
    const current = uuid === machine.current ? ' *' : '';
    const text = description?.includes('\n') ? `\n${description}` : ` ${description}`;
    const about = description ? [`${indent}Description:${text}`] : [];
    return [`${indent}Name: ${name} (UUID: ${uuid})${current}`, ...about];
  });
}

async function change(wanted: string, verb: 'restore' | 'delete', args: string[], io: Io): Promise<number> {
  await changing(async (registry) => {
    const machine = findMachine(registry, wanted);
    const [named] = args;
    if (named === undefined || args.length > 1)
      throw usageFailure('Expecting snapshot name only', { exitCode: 1 });
    lockShared(machine);
    const { uuid, name } = findSnapshot(machine, named);
    io.out(`${verb === 'restore' ? 'Restoring' : 'Deleting'} snapshot '${name}' (${uuid})`);
    if (verb === 'restore') await restore(machine, uuid, registry);
    else await remove(machine, uuid, registry, io);
    await writeSettings(machine);
    io.err(PROGRESS);
  });
  return 0;
}

/** What the machine was since is lost, a saved state too. */
async function restore(machine: Machine, uuid: string, registry: Required<Registry>): Promise<void> {
  if (machine.state === 'running') {
    const text = 'Cannot delete the current state of the running machine (machine state: Running)';
    throw comFailure(text, 'VBOX_E_INVALID_VM_STATE', where.SESSION);
  }
  const { hardware, stateFile } = findSnapshot(machine, uuid);
  await restoreSnapshot({ folder: machine.backing }, uuid);
  for (const medium of mediaOf(machine.hardware)) await removeMedium(medium, registry);
  machine.hardware = await layer(hardware, machine, registry);
  machine.current = uuid;
  machine.state = stateFile === undefined ? 'poweroff' : 'saved';
  machine.since = now();
  delete machine.stateFile;
  if (stateFile !== undefined) machine.stateFile = stateFile;
}

async function remove(machine: Machine, uuid: string, registry: Required<Registry>, io: Io): Promise<void> {
  const doomed = findSnapshot(machine, uuid);
  const children = machine.snapshots.filter(({ parent }) => parent === uuid);
  if (children.length > 1) {
    const text = `Snapshot '${doomed.name}' of the machine '${machine.name}' cannot be deleted, because it has ${children.length} child snapshots, which is more than the one snapshot allowed for deletion`;
    throw comFailure(text, 'VBOX_E_INVALID_OBJECT_STATE', where.SESSION);
  }
  for (const medium of mediaOf(doomed.hardware)) refuseShared(medium, registry, io);
  await deleteSnapshot({ folder: machine.backing }, uuid);
  for (const medium of mediaOf(doomed.hardware)) await merge(medium, machine, registry);
  for (const child of children) {
    if (doomed.parent === undefined) delete child.parent;
    else child.parent = doomed.parent;
  }
  machine.snapshots = machine.snapshots.filter((each) => each !== doomed);
  if (machine.current === uuid) {
    if (doomed.parent === undefined) delete machine.current;
    else machine.current = doomed.parent;
  }
  if (doomed.stateFile !== undefined) await rm(doomed.stateFile, { force: true });
}

/** A layer is merged with the one upon it; with two of them, one would be lost. */
function refuseShared(uuid: string, registry: Required<Registry>, io: Io): void {
  const children = childrenOf(uuid, registry);
  if (children.length < 2) return;
  const path = registry.media.find((medium) => medium.uuid === uuid)?.path;
  io.err('0%...NS_ERROR_FAILURE');
  const text = `Hard disk '${path}' has more than one child hard disk (${children.length})`;
  throw new Failure([
    plainFailure('Snapshot operation failed').lines[0] as string,
    ...comLines(text, 'NS_ERROR_FAILURE', { ...where.SESSION, callee: false }),
  ]);
}
