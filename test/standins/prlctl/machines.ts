/** `clone`, `delete`, `unregister`, `set`, `capture`. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linkBacking, removeBacking, screendump } from '../machine/backing.ts';
import { parseArguments, usage } from './arguments.ts';
import { Failure } from './failure.ts';
import { hasFault } from './faults.ts';
import {
  type Books,
  backingOf,
  changeBooks,
  findIn,
  lookUp,
  mustBe,
  snapshotIn,
  stateFolder,
  statusOf,
} from './state.ts';

export async function clone(args: readonly string[]): Promise<string> {
  const parsed = parseArguments(args, {
    words: 1,
    values: ['--name', '--dst', '--id'],
    flags: ['--linked', '--regenerate-src-uuid'],
    needs: ['--name'],
  });
  if (!parsed.has('--linked')) throw usage('this stand-in makes linked clones only');
  const doing = 'clone the VM';
  const name = parsed.get('--name') as string;
  const folder = join(parsed.get('--dst') ?? join(stateFolder(), 'Parallels'), `${name}.pvm`);
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, parsed.words[0] as string, doing);
    if (vm.home.endsWith('.macvm')) throw new Failure(`Failed to ${doing}: The operation is not supported.`);
    if (Object.values(books.vms ?? {}).some((other) => other.name === name)) {
      throw new Failure(`Failed to ${doing}: A virtual machine with the same name already exists.`);
    }
    const { id: snapshot, snapshot: chosen } = snapshotIn(vm, parsed.get('--id'), doing);
    if (chosen.state !== 'poweroff')
      throw new Failure(`Failed to ${doing}: The virtual machine must be stopped.`);
    const newId = randomUUID();
    await linkBacking(backingOf(newId).folder, backingOf(id), snapshot);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'config.pvs'), '<ParallelsVirtualMachine/>');
    books.vms = {
      ...books.vms,
      [newId]: {
        ...newVm(books, name, folder),
        tools: vm.tools,
        settings: { ...vm.settings },
        cloneOf: { vm: id, snapshot },
      },
    };
    return 'Clone the VM...\rCopying hard disk 1 … 45 %\rCopying hard disk 1 … 100 %\nThe VM has been successfully cloned.\n';
  });
}

/** With an address that no other VM has, or had. */
export function newVm(books: Books, name: string, home: string) {
  const used = Object.values(books.vms ?? {}).map(({ address }) => Number(address.split('.')[3]));
  return {
    name,
    home,
    mac: `001C42${randomBytes(3).toString('hex').toUpperCase()}`,
    // The second and third part tell apart what runs at the same time with another state.
    address: `127.${subnet()}.${Math.max(0, ...used) + 1}`,
    status: 'stopped' as const,
    snapshots: {},
    current: '',
    tools: 'installed' as const,
    settings: {},
  };
}

function subnet(): string {
  const sum = [...stateFolder()].reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 62_500, 7);
  return `${1 + Math.floor(sum / 250)}.${1 + (sum % 250)}`;
}

export function remove(args: readonly string[]): Promise<string> {
  const [wanted = ''] = parseArguments(args, { words: 1 }).words;
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, wanted, 'remove the VM');
    await mustBe(id, vm, 'remove the VM', 'stopped', 'suspended');
    if (Object.values(books.vms ?? {}).some(({ cloneOf }) => cloneOf?.vm === id)) {
      throw new Failure('Failed to remove the VM: The virtual machine has linked clones.');
    }
    await removeBacking(backingOf(id));
    await rm(vm.home, { recursive: true, force: true });
    delete books.vms?.[id];
    return 'Removing the VM...\nThe VM has been successfully removed.\n';
  });
}

export function unregister(args: readonly string[]): Promise<string> {
  const [wanted = ''] = parseArguments(args, { words: 1 }).words;
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, wanted, 'unregister the VM');
    await mustBe(id, vm, 'unregister the VM', 'stopped', 'suspended', 'invalid');
    delete books.vms?.[id];
    return 'Unregister the VM...\nThe VM has been successfully unregistered.\n';
  });
}

const SETTINGS = [
  '--startup-view',
  '--on-window-close',
  '--autostart',
  '--pause-idle',
  '--smart-guard',
  '--isolate-vm',
];
const ALWAYS = ['--startup-view', '--autostart', '--isolate-vm'];

export function set(args: readonly string[]): Promise<string> {
  const settings = hasFault('few-settings') ? ALWAYS : SETTINGS;
  const parsed = parseArguments(args, { words: 1, values: [...settings, '--device-add', '--output'] });
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, parsed.words[0] as string, 'set the VM configuration');
    for (const setting of settings) {
      const value = parsed.get(setting);
      if (value !== undefined) vm.settings[setting.slice(2)] = value;
    }
    const device = parsed.get('--device-add');
    if (device !== undefined) {
      const output = parsed.get('--output');
      if (device !== 'serial' || output === undefined) throw usage(`unknown device ${device}`);
      await mustBe(id, vm, 'add the device', 'stopped');
      vm.serial = output;
    }
    return 'The VM has been successfully configured.\n';
  });
}

export async function capture(args: readonly string[]): Promise<string> {
  const parsed = parseArguments(args, { words: 1, values: ['--file'], needs: ['--file'] });
  const { id, vm } = await lookUp(parsed.words[0] as string, 'capture the screen');
  if ((await statusOf(id, vm)) !== 'running') {
    throw new Failure('PrlDevDisplay_ConnectToVm: PrlJob_Wait: PRL_ERR_IO_STOPPED');
  }
  await screendump(backingOf(id), parsed.get('--file') as string);
  return 'Capture the VM screen...\nThe VM screen has been saved.\n';
}
