/** The files that VMware keeps for a VM, written as it writes them. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withKeys } from '../../../drivers/vmware/dictionary.ts';
import type { Machine, Snapshot } from './machines.ts';

const TWO_32 = 2 ** 32;

export function vmsdOf(vmx: string): string {
  return vmx.replace(/\.vmx$/, '.vmsd');
}

export function newVmx(name: string, more: Record<string, string> = {}): Buffer {
  const base = Buffer.from('.encoding = "UTF-8"\n');
  const settings = {
    'config.version': '8',
    'virtualHW.version': '21',
    displayName: name,
    memsize: '128',
    numvcpus: '1',
    'scsi0:0.fileName': `${name}.vmdk`,
    'ethernet0.present': 'TRUE',
    'ethernet0.connectionType': 'nat',
    'ethernet0.generatedAddress': '00:0c:29:7e:57:01',
    ...more,
  };
  return withKeys(base, settings) as Buffer;
}

export async function setKeys(vmx: string, keys: Record<string, string>): Promise<void> {
  await writeFile(vmx, withKeys(await readFile(vmx), keys) as Buffer);
}

/** `<name>-Snapshot<uid>`; of a live one a `.vmem` file lies beside the `.vmsn`. */
export function stateFile(vmx: string, { uid }: Snapshot): string {
  return `${basename(vmx, '.vmx')}-Snapshot${uid}.vmsn`;
}

export async function writeSnapshots(vmx: string, machine: Machine): Promise<void> {
  const keys: Record<string, string> = {
    'snapshot.lastUID': String(machine.lastUid),
    'snapshot.current': String(machine.current ?? 0),
    'snapshot.numSnapshots': String(machine.snapshots.length),
    ...(machine.cloneOf === undefined ? {} : { cloneOf0: machine.cloneOf, numCloneOf: '1' }),
  };
  for (const [index, snapshot] of machine.snapshots.entries()) {
    const { uid, name, parent, live, created } = snapshot;
    const set = (key: string, value: string) => {
      keys[`snapshot${index}.${key}`] = value;
    };
    set('uid', String(uid));
    set('filename', stateFile(vmx, snapshot));
    if (parent !== undefined) set('parent', String(parent));
    set('displayName', name);
    if (live) set('type', '1');
    set('createTimeHigh', String(Math.floor(created / TWO_32)));
    set('createTimeLow', String((created % TWO_32) | 0));
    const file = join(dirname(vmx), stateFile(vmx, snapshot));
    await writeFile(file, '');
    if (live) await writeFile(file.replace(/vmsn$/, 'vmem'), '');
  }
  await writeFile(vmsdOf(vmx), withKeys(Buffer.from('.encoding = "UTF-8"\n'), keys) as Buffer);
}

export async function removeStateFiles(vmx: string, snapshot: Snapshot): Promise<void> {
  const file = join(dirname(vmx), stateFile(vmx, snapshot));
  await rm(file, { force: true });
  await rm(file.replace(/vmsn$/, 'vmem'), { force: true });
}
