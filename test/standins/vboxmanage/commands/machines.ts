/** Machines come and go: `createvm`, `clonevm`, `unregistervm`. */
import { access, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createBacking, linkBacking, linkWithMemory, removeBacking } from '../../machine/backing.ts';
import { type Command, PROGRESS } from '../command.ts';
import { comFailure, comLines, Failure, notCovered, plainFailure, usageFailure, where } from '../failure.ts';
import { OS_TYPES } from '../machine-readable.ts';
import { childrenOf, layer, mediaOf, removeMedium } from '../media.ts';
import { parseOptions } from '../options.ts';
import { writeSettings } from '../settings-file.ts';
import {
  changing,
  findMachine,
  findSnapshot,
  type Hardware,
  isLocked,
  type Machine,
  newIdentity,
  newMac,
  now,
  type Registry,
  stateFolder,
} from '../state.ts';

export const createvm: Command = async (args, io) => {
  const { values } = parseOptions(args, {
    '--name': 'value',
    '--ostype': 'value',
    '--basefolder': 'value',
    '--register': 'flag',
  });
  const name = values.get('--name');
  const ostype = values.get('--ostype') ?? 'Other';
  if (name === undefined) throw usageFailure('Parameter --name is required');
  if (!values.has('--register') || !Object.hasOwn(OS_TYPES, ostype)) throw notCovered('createvm like that');
  await changing(async (registry) => {
    const hardware: Hardware = { memory: 1024, cpus: 1, nics: {}, controllers: [] };
    const machine = await newMachine(name, values.get('--basefolder'), { ostype, hardware });
    registry.machines.push(machine);
    await createBacking(machine.backing);
    await writeSettings(machine);
    io.out(`Virtual machine '${name}' is created and registered.`);
    io.out(`UUID: ${machine.uuid}`);
    io.out(`Settings file: '${machine.settings}'`);
  });
  return 0;
};

export const clonevm: Command = async (args, io) => {
  const { words, values } = parseOptions(args, {
    '--snapshot': 'value',
    '--options': 'value',
    '--name': 'value',
    '--basefolder': 'value',
    '--register': 'flag',
  });
  const options = cloneOptions(values.get('--options') ?? '');
  const [wanted = ''] = words;
  const name = values.get('--name');
  await changing(async (registry) => {
    const source = findMachine(registry, wanted);
    const named = values.get('--snapshot');
    const snapshot = named === undefined ? undefined : findSnapshot(source, named, where.MACHINE);
    if (name === undefined || !values.has('--register')) throw notCovered('clonevm like that');
    const parts = { ostype: source.ostype, hardware: structuredClone(source.hardware) };
    const clone = await newMachine(name, values.get('--basefolder'), parts);
    if (!options.has('link')) throw notCovered('a full clone');
    if (!snapshot) {
      const text = 'Linked clone can only be created from a snapshot';
      throw comFailure(text, 'NS_ERROR_INVALID_ARG', where.MACHINE);
    }
    await makeFolder(clone, io.err);
    clone.hardware = await layer(snapshot.hardware, clone, registry);
    renewMacs(clone.hardware, options);
    if (snapshot.stateFile !== undefined) {
      clone.state = 'saved';
      clone.stateFile = join(clone.folder, 'Snapshots', snapshot.stateFile.split('/').at(-1) ?? '');
    }
    const link = snapshot.hasMemory ? linkWithMemory : linkBacking;
    await link(clone.backing, { folder: source.backing }, snapshot.uuid);
    registry.machines.push(clone);
    await writeSettings(clone);
    io.err(PROGRESS);
    io.out(`Machine has been successfully cloned as "${name}"`);
  });
  return 0;
};

const CLONE_OPTIONS: ReadonlySet<string> = new Set([
  'link',
  'keepallmacs',
  'keepnatmacs',
  'keepdisknames',
  'keephwuuids',
]);

function cloneOptions(text: string): Set<string> {
  const options = text
    .toLowerCase()
    .split(',')
    .filter((option) => option !== '');
  if (options.every((option) => CLONE_OPTIONS.has(option))) return new Set(options);
  throw plainFailure(`Invalid clone options '${text}'`, 2);
}

function renewMacs({ nics }: Hardware, options: ReadonlySet<string>): void {
  if (options.has('keepallmacs')) return;
  for (const nic of Object.values(nics)) {
    if (nic.kind !== 'nat' || !options.has('keepnatmacs')) nic.mac = newMac();
  }
}

export const unregistervm: Command = async (args, io) => {
  const { words, values } = parseUnregister(args);
  await changing(async (registry) => {
    const machine = findMachine(registry, words[0] ?? '');
    if (isLocked(machine)) {
      const text = `Cannot unregister the machine '${machine.name}' while it is locked`;
      throw comFailure(text, 'VBOX_E_INVALID_OBJECT_STATE', where.MACHINE);
    }
    registry.machines = registry.machines.filter((each) => each !== machine);
    if (!values.has('--delete')) return;
    await deleteMachine(machine, registry, io.err);
  });
  return 0;
};

function parseUnregister(args: string[]) {
  const wrong = args.find((word) => word.startsWith('--') && word !== '--delete' && word !== '--delete-all');
  // The one command that says it in small letters.
  if (wrong !== undefined) throw usageFailure(`unknown option: ${wrong}`);
  return parseOptions(args, { '--delete': 'flag', '--delete-all': 'flag' });
}

/** It is out of the registry already when a disk turns out to be another's base. */
async function deleteMachine(
  machine: Machine,
  registry: Required<Registry>,
  err: (line: string) => void,
): Promise<void> {
  const layers = [machine.hardware, ...machine.snapshots.map(({ hardware }) => hardware)];
  const own = new Set(layers.flatMap(mediaOf));
  for (const uuid of own) {
    const others = childrenOf(uuid, registry).filter((child) => !own.has(child.uuid));
    if (others.length === 0) continue;
    const path = registry.media.find((medium) => medium.uuid === uuid)?.path;
    err('0%...10%...20%...30%...VBOX_E_OBJECT_IN_USE');
    throw new Failure([
      plainFailure('Machine delete failed').lines[0] as string,
      ...comLines(
        `Cannot close medium '${path}' because it has ${others.length} child media`,
        'VBOX_E_OBJECT_IN_USE',
        {
          component: 'MediumWrap',
          iface: 'IMedium',
          callee: false,
        },
      ),
    ]);
  }
  for (const uuid of own) await removeMedium(uuid, registry);
  await rm(machine.folder, { recursive: true, force: true });
  await removeBacking({ folder: machine.backing });
  err(PROGRESS);
}

/** Folders are named after machines, without the letters that file systems or shells mind. */
async function newMachine(
  name: string,
  base: string | undefined,
  parts: Pick<Machine, 'ostype' | 'hardware'>,
): Promise<Machine> {
  const file = name.replace(/[\\/:*?"<>|%]/g, '_').replace(/^-/, '_');
  const folder = join(base ?? join(stateFolder(), 'VirtualBox VMs'), file);
  const settings = join(folder, `${file}.vbox`);
  if (await exists(settings)) {
    throw comFailure(
      `Machine settings file '${settings}' already exists`,
      'VBOX_E_FILE_ERROR',
      where.MACHINE,
    );
  }
  const life = { state: 'poweroff' as const, since: now(), snapshots: [], properties: {} };
  return { ...newIdentity(), ...parts, ...life, name, folder, settings };
}

async function makeFolder({ folder }: Machine, err: (line: string) => void): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch {
    err('0%...10%...20%...30%...VBOX_E_IPRT_ERROR');
    throw new Failure([
      plainFailure('Clone VM failed').lines[0] as string,
      plainFailure(
        'Code VBOX_E_IPRT_ERROR (0x80BB0005) - Runtime subsystem error (extended info not available)',
      ).lines[0] as string,
      plainFailure('Context: "…" at line 1 of file VBoxManage.cpp').lines[0] as string,
    ]);
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => dirname(path) === path,
  );
}
