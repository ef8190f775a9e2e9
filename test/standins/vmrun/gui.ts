/**
 * What people do in VMware's window, for tests that need VMs:
 *
 *   vmware-gui new VMX NAME [PASSWORD]   a VM that is off, encrypted with a password
 *   vmware-gui snapshot VMX NAME         a snapshot; names may be the same, and have slashes in them
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createBacking } from '../machine/backing.ts';
import { addSnapshot } from './commands/snapshots.ts';
import { newVmx, writeSnapshots } from './files.ts';
import { machineOf, register } from './machines.ts';

async function newVm(vmx: string, name: string, password: string | undefined): Promise<void> {
  await mkdir(dirname(vmx), { recursive: true });
  await writeFile(
    vmx,
    newVmx(name, password === undefined ? {} : { 'encryption.keySafe': 'vmware:key/list' }),
  );
  const machine = await register(vmx, password === undefined ? {} : { encryptionPassword: password });
  await createBacking(machine.backing);
  await writeSnapshots(vmx, machine);
}

const [command, vmx = '', name = '', password] = process.argv.slice(2);
if (command === 'new') await newVm(vmx, name, password);
else if (command === 'snapshot') await addSnapshot(vmx, await machineOf(vmx, {}), name);
else throw new Error('new or snapshot');
