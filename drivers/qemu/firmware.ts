/**
 * UEFI firmware files of this host. Distributions describe them in JSON files with a common format (QEMU's
 * `docs/interop/firmware.json`), which is asked first; a table of usual places serves hosts without descriptions.
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { FileImage, Firmware } from './command-line.ts';
import type { Arch } from './settings.ts';

/** The firmware for a target, or undefined when this host has none. `program` is the QEMU binary's path. */
export async function findFirmware(
  wanted: 'bios' | 'uefi' | { path: string },
  arch: Arch,
  program: string,
): Promise<Firmware | undefined> {
  if (wanted === 'bios') return { kind: 'default' };
  if (wanted !== 'uefi') return fromPath(wanted.path);
  return (await fromDescriptions(arch, program)) ?? (await fromUsualPlaces(arch, program));
}

/** A file of code with a store of variables beside it (`CODE` and `VARS` in their names), else one file for all. */
async function fromPath(path: string): Promise<Firmware | undefined> {
  if (!(await isFile(path))) return undefined;
  const sibling = join(dirname(path), basename(path).replace(/code/i, sameCaseVars));
  if (sibling === path || !(await isFile(sibling))) return { kind: 'file', path };
  return flash(image(path), image(sibling));
}

function sameCaseVars(code: string): string {
  return code === 'CODE' ? 'VARS' : 'vars';
}

interface Description {
  'interface-types': string[];
  mapping: {
    device: string;
    executable?: { filename: string; format: string };
    'nvram-template'?: { filename: string; format: string };
  };
  targets: { architecture: string; machines: string[] }[];
  features: string[];
}

/** What needs more than a plain machine, or refuses guests whose boot loaders are not signed. */
const UNWANTED_FEATURES = ['requires-smm', 'secure-boot', 'enrolled-keys'];

async function fromDescriptions(arch: Arch, program: string): Promise<Firmware | undefined> {
  for (const path of await descriptionFiles(program)) {
    const { mapping, ...rest } = (await readDescription(path)) ?? {};
    if (!mapping || !fits(rest as Description, arch) || mapping.device !== 'flash') continue;
    const { executable, 'nvram-template': template } = mapping;
    if (!executable || !template) continue;
    if (!(await isFile(executable.filename)) || !(await isFile(template.filename))) continue;
    return flash(
      { path: executable.filename, format: executable.format },
      { path: template.filename, format: template.format },
    );
  }
  return undefined;
}

/** Sorted by name across folders; a file hides those of the same name in later folders. */
async function descriptionFiles(program: string): Promise<string[]> {
  const folders = [
    join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'qemu', 'firmware'),
    '/etc/qemu/firmware',
    join(await shareFolder(program), 'firmware'),
    '/usr/share/qemu/firmware',
  ];
  const byName = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (name.endsWith('.json') && !byName.has(name)) byName.set(name, join(folder, name));
    }
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

async function readDescription(path: string): Promise<Partial<Description> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Partial<Description>;
  } catch {
    // An empty file is how an administrator hides a description.
    return undefined;
  }
}

function fits(description: Partial<Description>, arch: Arch): boolean {
  const family = arch === 'aarch64' ? 'virt' : 'pc-q35';
  return (
    (description['interface-types'] ?? []).includes('uefi') &&
    (description.targets ?? []).some(
      ({ architecture, machines }) =>
        architecture === arch && machines.some((machine) => machine.startsWith(family)),
    ) &&
    !(description.features ?? []).some((feature) => UNWANTED_FEATURES.includes(feature))
  );
}

/** Code and variables, which must be of the same build. `SHARE` is QEMU's own data folder (Homebrew, source builds). */
const USUAL_PLACES: Readonly<Record<Arch, readonly (readonly [code: string, vars: string])[]>> = {
  x86_64: [
    ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'],
    ['/usr/share/OVMF/OVMF_CODE.fd', '/usr/share/OVMF/OVMF_VARS.fd'],
    ['/usr/share/edk2/ovmf/OVMF_CODE.fd', '/usr/share/edk2/ovmf/OVMF_VARS.fd'],
    ['/usr/share/edk2/x64/OVMF_CODE.4m.fd', '/usr/share/edk2/x64/OVMF_VARS.4m.fd'],
    ['/usr/share/qemu/ovmf-x86_64-4m-code.bin', '/usr/share/qemu/ovmf-x86_64-4m-vars.bin'],
    ['/usr/share/qemu/ovmf-x86_64-code.bin', '/usr/share/qemu/ovmf-x86_64-vars.bin'],
    ['SHARE/edk2-x86_64-code.fd', 'SHARE/edk2-i386-vars.fd'],
  ],
  aarch64: [
    ['/usr/share/AAVMF/AAVMF_CODE.fd', '/usr/share/AAVMF/AAVMF_VARS.fd'],
    ['/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw', '/usr/share/edk2/aarch64/vars-template-pflash.raw'],
    ['/usr/share/edk2/aarch64/QEMU_CODE.fd', '/usr/share/edk2/aarch64/QEMU_VARS.fd'],
    ['/usr/share/qemu/aavmf-aarch64-code.bin', '/usr/share/qemu/aavmf-aarch64-vars.bin'],
    ['SHARE/edk2-aarch64-code.fd', 'SHARE/edk2-arm-vars.fd'],
  ],
};

async function fromUsualPlaces(arch: Arch, program: string): Promise<Firmware | undefined> {
  const share = await shareFolder(program);
  for (const pair of USUAL_PLACES[arch]) {
    const [code, vars] = pair.map((path) => path.replace('SHARE', share)) as [string, string];
    if ((await isFile(code)) && (await isFile(vars))) return flash(image(code), image(vars));
  }
  return undefined;
}

async function shareFolder(program: string): Promise<string> {
  return join(dirname(dirname(await realpath(program))), 'share', 'qemu');
}

function image(path: string): FileImage {
  return { path, format: path.endsWith('.qcow2') ? 'qcow2' : 'raw' };
}

function flash(code: FileImage, vars: FileImage): Firmware {
  return { kind: 'flash', code, vars };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
