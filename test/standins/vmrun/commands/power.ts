import { access, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readDictionary } from '../../../../drivers/vmware/vm-files.ts';
import {
  isRunning,
  kill,
  powerButton,
  restoreSnapshot,
  startBacking,
  takeSnapshot,
} from '../../machine/backing.ts';
import { serve } from '../../machine/service.ts';
import type { Flags } from '../command-line.ts';
import { Failure, inUse, notOn, Question } from '../failure.ts';
import { hasFault } from '../faults.ts';
import { setKeys } from '../files.ts';
import {
  allMachines,
  backingOf,
  change,
  type Machine,
  machineOf,
  noteOff,
  setLocks,
  unlocked,
} from '../machines.ts';
import { requireTools } from './tools.ts';

const SHUTDOWN_MS = 60_000;
const POLL_MS = 100;

export async function list(): Promise<string> {
  const running = (await allMachines()).filter(([, machine]) => machine.running).map(([vmx]) => vmx);
  return [`Total running VMs: ${running.length}`, ...running, ''].join('\n');
}

export async function start(flags: Flags, vmx: string, how: string): Promise<string> {
  if ((await machineOf(vmx, flags)).running) {
    if (hasFault('running-is-fine')) return '';
    throw inUse();
  }
  const machine = await unlocked(vmx, flags);
  if (hasFault('start-fails')) throw new Failure('Unknown error');
  if (hasFault('start-hangs')) throw new Question();
  const settings = (await readDictionary(vmx)) ?? new Map<string, string>();
  const get = (key: string) => settings.get(key.toLowerCase()) ?? '';
  // "Did you move this virtual machine, or did you copy it?"
  if (machine.cloneOf !== undefined && get('uuid.action') !== 'create') throw new Question();
  const serial = await serialFile(get);
  await startBacking(backingOf(machine), {
    address: machine.address,
    headless: how === 'nogui',
    ...(serial === undefined ? {} : { serial }),
  });
  await setLocks(vmx, true);
  await writeLog(vmx);
  await setKeys(vmx, { 'checkpoint.vmState': '' });
  await change(vmx, (started) => {
    started.running = true;
    started.toolsSeen = false;
    started.asked = 0;
  });
  return '';
}

/** A log that is there already is something to ask about. */
async function serialFile(get: (key: string) => string): Promise<string | undefined> {
  if (get('serial0.present') !== 'TRUE' || get('serial0.startConnected') === 'FALSE') return undefined;
  if (get('serial0.fileType') !== 'file') throw new Failure('Unknown error');
  const file = get('serial0.fileName');
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists && get('answer.msg.serial.file.open') !== 'Append') throw new Question();
  return file;
}

async function writeLog(vmx: string): Promise<void> {
  const line = `${new Date().toISOString()} In(05) vmx Log for VMware Workstation pid=${process.pid} version=17.6.3\n`;
  await writeFile(join(dirname(vmx), 'vmware.log'), line);
}

export async function stop(flags: Flags, vmx: string, how: string): Promise<string> {
  const machine = await machineOf(vmx, flags);
  if (!machine.running) throw notOn(vmx);
  const backing = backingOf(machine);
  if (how === 'soft') {
    await requireTools(machine, vmx);
    await powerButton(backing);
    for (const end = Date.now() + SHUTDOWN_MS; await isRunning(backing); await delay(POLL_MS)) {
      if (Date.now() > end) throw new Failure('The operation timed out');
    }
  }
  await serve(async () => {
    await kill(backing);
    await noteOff(vmx);
  });
  return '';
}

const SUSPENDED = 'suspended';

export async function suspend(flags: Flags, vmx: string): Promise<string> {
  const machine = await machineOf(vmx, flags);
  if (!machine.running) throw notOn(vmx);
  await freeze(machine);
  await noteOff(vmx);
  await setKeys(vmx, { 'checkpoint.vmState': 'suspended.vmss' });
  return '';
}

async function freeze(machine: Machine): Promise<void> {
  const backing = backingOf(machine);
  await takeSnapshot(backing, SUSPENDED);
  await kill(backing);
  await restoreSnapshot(backing, SUSPENDED);
}
