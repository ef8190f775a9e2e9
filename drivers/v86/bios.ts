/**
 * The BIOS files of this host. The npm package brings none; SeaBIOS (LGPL) comes with every distribution that has QEMU,
 * and is used from where it lies.
 */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProblem } from '../driver.ts';
import type { Settings } from './settings.ts';

/** Folders of Debian and Ubuntu, Fedora, Arch, QEMU's own in `/usr` and `/usr/local`, Homebrew on both kinds of Mac. */
const FOLDERS = [
  '/usr/share/seabios',
  '/usr/share/seavgabios',
  '/usr/share/qemu',
  '/usr/local/share/qemu',
  '/opt/homebrew/share/qemu',
];
/** The 128 KiB build, which leaves out what no emulated PC of this age has; then the larger one. */
const BIOS_NAMES = ['bios.bin', 'bios-256k.bin'];
const VGA_NAMES = ['vgabios-stdvga.bin'];

export interface BiosFiles {
  bios: string;
  vgaBios: string;
}

export type FoundBios = { value: BiosFiles } | { problems: TargetProblem[] };

export async function findBios(
  { bios, vgaBios }: Pick<Settings, 'bios' | 'vgaBios'>,
  folders: readonly string[] = FOLDERS,
): Promise<FoundBios> {
  const [main, vga] = await Promise.all([
    bios === undefined ? firstReadable(folders, BIOS_NAMES) : readable(bios),
    vgaBios === undefined ? firstReadable(folders, VGA_NAMES) : readable(vgaBios),
  ]);
  if (main !== undefined && vga !== undefined) return { value: { bios: main, vgaBios: vga } };
  return {
    problems: [
      ...(main === undefined ? [missing('bios', bios, BIOS_NAMES)] : []),
      ...(vga === undefined ? [missing('vga-bios', vgaBios, VGA_NAMES)] : []),
    ],
  };
}

function missing(key: string, named: string | undefined, names: readonly string[]): TargetProblem {
  const code = 'V86_BIOS_MISSING';
  if (named !== undefined) {
    const hint = 'Relative paths are relative to the folder of the matrix file.';
    return { code, message: `\`${key}\`: ${named} cannot be read`, hint };
  }
  return {
    code,
    message: `this host has no ${names[0]} of SeaBIOS in the usual folders`,
    hint: `${installSeabios()}; or name a file with \`${key}\`.`,
  };
}

/** How to install SeaBIOS. Packages of the same name are in Fedora, Arch and openSUSE. */
export function installSeabios(platform: string = process.platform): string {
  if (platform === 'darwin') return 'Install it: brew install qemu';
  if (platform === 'win32') return 'Install QEMU, which brings it, or fetch a build of SeaBIOS';
  return 'Install it: sudo apt install seabios (other systems: the package seabios)';
}

async function firstReadable(
  folders: readonly string[],
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of folders) {
      const path = await readable(join(folder, name));
      if (path !== undefined) return path;
    }
  }
  return undefined;
}

function readable(path: string): Promise<string | undefined> {
  return access(path, constants.R_OK).then(
    () => path,
    () => undefined,
  );
}
