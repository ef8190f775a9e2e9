/** How to install what is missing, in the words of this system's package manager. */
import { readFile } from 'node:fs/promises';
import type { Arch } from './settings.ts';

export type Part = Arch | 'qemu-img' | 'uefi-x86_64' | 'uefi-aarch64';

const managers = {
  apt: {
    install: 'sudo apt install',
    x86_64: 'qemu-system-x86',
    aarch64: 'qemu-system-arm',
    'qemu-img': 'qemu-utils',
    'uefi-x86_64': 'ovmf',
    'uefi-aarch64': 'qemu-efi-aarch64',
  },
  dnf: {
    install: 'sudo dnf install',
    x86_64: 'qemu-system-x86-core',
    aarch64: 'qemu-system-aarch64-core',
    'qemu-img': 'qemu-img',
    'uefi-x86_64': 'edk2-ovmf',
    'uefi-aarch64': 'edk2-aarch64',
  },
  pacman: {
    install: 'sudo pacman -S',
    x86_64: 'qemu-system-x86',
    aarch64: 'qemu-system-aarch64',
    'qemu-img': 'qemu-img',
    'uefi-x86_64': 'edk2-ovmf',
    'uefi-aarch64': 'edk2-aarch64',
  },
  zypper: {
    install: 'sudo zypper install',
    x86_64: 'qemu-x86',
    aarch64: 'qemu-arm',
    'qemu-img': 'qemu-img',
    'uefi-x86_64': 'qemu-ovmf-x86_64',
    'uefi-aarch64': 'qemu-uefi-aarch64',
  },
  apk: {
    install: 'sudo apk add',
    x86_64: 'qemu-system-x86_64',
    aarch64: 'qemu-system-aarch64',
    'qemu-img': 'qemu-img',
    'uefi-x86_64': 'ovmf',
    'uefi-aarch64': 'aavmf',
  },
  brew: {
    install: 'brew install',
    x86_64: 'qemu',
    aarch64: 'qemu',
    'qemu-img': 'qemu',
    'uefi-x86_64': 'qemu',
    'uefi-aarch64': 'qemu',
  },
} as const satisfies Record<string, Record<Part | 'install', string>>;

type Manager = keyof typeof managers;

/** Distributions by their names in os-release (`ID`, then `ID_LIKE`). */
const byDistribution: Readonly<Record<string, Manager>> = {
  debian: 'apt',
  ubuntu: 'apt',
  fedora: 'dnf',
  rhel: 'dnf',
  centos: 'dnf',
  arch: 'pacman',
  suse: 'zypper',
  opensuse: 'zypper',
  alpine: 'apk',
};

/** The command that installs some parts. On a system that is not in the table, that of Debian serves as a clue. */
export async function installCommand(parts: readonly Part[]): Promise<string> {
  const manager = managers[await managerOfThisSystem()];
  return [manager.install, ...new Set(parts.map((part) => manager[part]))].join(' ');
}

async function managerOfThisSystem(): Promise<Manager> {
  if (process.platform === 'darwin') return 'brew';
  try {
    return managerOf(await readFile('/etc/os-release', 'utf8'));
  } catch {
    return 'apt';
  }
}

export function managerOf(osRelease: string): Manager {
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? '';
  const names = `${value('ID')} ${value('ID_LIKE')}`.split(' ');
  return names.map((name) => byDistribution[name]).find((manager) => manager !== undefined) ?? 'apt';
}
