/**
 * VMs by name. `vmrun` knows paths only, so names are looked up where the windows of Workstation and Fusion keep their list, and in the
 * folders where they put new VMs.
 */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { namesIn } from '../../src/host/names-in.ts';
import type { VmRef } from '../vm/control.ts';
import type { Dictionary } from './dictionary.ts';
import { configOf, readDictionary } from './vm-files.ts';

export interface Places {
  /** Files with the list of VMs. */
  inventories: string[];
  /** Folders with a folder for each VM. */
  folders: string[];
}

/** Those of a user on a system. `home` is absolute. */
export function placesOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string): Places {
  if (platform === 'win32') {
    const { join } = path.win32;
    const roaming = env['APPDATA'] ?? join(home, 'AppData', 'Roaming');
    return {
      inventories: [join(roaming, 'VMware', 'inventory.vmls')],
      folders: [join(home, 'Documents', 'Virtual Machines')],
    };
  }
  const { join } = path.posix;
  if (platform === 'darwin') {
    return {
      inventories: [join(home, 'Library', 'Application Support', 'VMware Fusion', 'vmInventory')],
      folders: [
        join(home, 'Virtual Machines.localized'),
        join(home, 'Documents', 'Virtual Machines.localized'),
        join(home, 'Virtual Machines'),
      ],
    };
  }
  return { inventories: [join(home, '.vmware', 'inventory.vmls')], folders: [join(home, 'vmware')] };
}

/** `vmlist1.config = "/path/to.vmx"` with `vmlist1.DisplayName` beside it; folders of the list are there too. */
export function listedVms(inventory: Dictionary): { vmx: string; name: string }[] {
  return [...inventory].flatMap(([key, vmx]) => {
    const entry = /^(vmlist\d+)\.config$/.exec(key)?.[1];
    if (entry === undefined || !vmx.toLowerCase().endsWith('.vmx')) return [];
    return [{ vmx, name: inventory.get(`${entry}.displayname`) ?? '' }];
  });
}

/** All VMs that can be had by name; each once. Those whose file is gone are left out. */
export async function listVms(places = placesOf(process.platform, process.env, homedir())): Promise<VmRef[]> {
  const listed = await Promise.all(
    places.inventories.map(async (file) => listedVms((await readDictionary(file)) ?? new Map())),
  );
  const lying = await Promise.all(places.folders.map(vmxFilesBelow));
  const paths = new Set([...listed.flat().map(({ vmx }) => vmx), ...lying.flat()]);
  const found = await Promise.all([...paths].map(refOf));
  return found.filter((vm) => vm !== undefined);
}

/** The name is the one in the VM's own file: lists may be old. */
async function refOf(vmx: string): Promise<VmRef | undefined> {
  const settings = await readDictionary(vmx).catch(() => undefined);
  return settings && { id: vmx, name: configOf(vmx, settings).name };
}

async function vmxFilesBelow(folder: string): Promise<string[]> {
  const found = await Promise.all((await namesIn(folder)).map((name) => vmxFilesIn(path.join(folder, name))));
  return found.flat();
}

/** Fusion's `.vmwarevm` bundles are folders too. */
export async function vmxFilesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith('.vmx'))
    .map(({ name }) => path.join(folder, name));
}
