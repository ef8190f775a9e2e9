/** What is wrong with a target's keys in themselves, before any file is looked at. Pure. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { AccessKind, TargetProblem } from '../driver.ts';
import type { Settings } from './settings.ts';

const MIB = 1024 ** 2;
/** The smallest guests (DOS and the like) make do with less, but SeaBIOS wants a few MiB for itself. */
const LEAST_MEMORY = 8 * MIB;
/** v86 puts an initrd there, whatever the size of the memory. */
const INITRD_ADDRESS = 64 * MIB;
/** Memory of WebAssembly has 32-bit addresses, and the emulator's own part lies beside the guest's. */
const MOST_MEMORY = 2048 * MIB;

export function optionProblems(settings: Settings, target: BaseTarget, hostMemory: number): TargetProblem[] {
  return [
    ...cpuProblems(settings),
    ...bootProblems(settings),
    ...memoryProblems(settings, hostMemory),
    ...accessProblems(settings, target),
  ];
}

/** Ways in, best first: the console is typed on, which a guest need not see that is reached otherwise. */
export function offeredAccess({ network }: Pick<Settings, 'network'>): AccessKind[] {
  return network === 'none' ? ['console'] : ['ssh', 'console'];
}

function cpuProblems({ cpus }: Settings): TargetProblem[] {
  if (cpus === 1) return [];
  return [
    {
      code: 'V86_ONE_CPU',
      message: `\`cpus: ${cpus}\`: this engine emulates one processor`,
      hint: 'Remove `cpus`, or use the engine qemu.',
    },
  ];
}

function bootProblems({ kernel, initrd, append, image, cdrom, floppy }: Settings): TargetProblem[] {
  const problems: TargetProblem[] = [];
  const conflict = (message: string, hint: string) =>
    problems.push({ code: 'V86_OPTIONS_CONFLICT', message, hint });
  if (kernel === undefined && initrd !== undefined) conflict('`initrd` needs `kernel`', 'Add `kernel`.');
  if (kernel === undefined && append !== undefined) conflict('`append` needs `kernel`', 'Add `kernel`.');
  if ([kernel, image, cdrom, floppy].every((path) => path === undefined))
    conflict('there is nothing to boot', 'Add `kernel`, `image`, `cdrom` or `floppy`.');
  return problems;
}

/** @param bytes of the initrd. */
export function initrdProblems({ memory }: Pick<Settings, 'memory'>, bytes: number): TargetProblem[] {
  if (memory >= INITRD_ADDRESS + bytes) return [];
  const least = Math.ceil((INITRD_ADDRESS + bytes) / MIB);
  return [
    {
      code: 'V86_MEMORY_TOO_SMALL',
      message: `${memory / MIB} MiB of memory are too little: this engine puts the initrd behind the first 64 MiB`,
      hint: `Give at least ${least}M; the guest will want some more to unpack it.`,
    },
  ];
}

function memoryProblems({ memory }: Settings, hostMemory: number): TargetProblem[] {
  const amount = `${memory / MIB} MiB`;
  if (memory < LEAST_MEMORY) {
    const hint = `Give at least ${LEAST_MEMORY / MIB}M; a small Linux wants 64M.`;
    return [{ code: 'V86_MEMORY_TOO_SMALL', message: `${amount} of memory are too little`, hint }];
  }
  const most = Math.min(MOST_MEMORY, hostMemory);
  if (memory <= most) return [];
  const why = most === MOST_MEMORY ? 'this engine can emulate' : 'this host has';
  return [
    {
      code: 'V86_MEMORY_TOO_BIG',
      message: `the guest's ${amount} of memory are more than ${why} (${Math.floor(most / MIB)} MiB)`,
      hint: 'Lower `memory` of the target.',
    },
  ];
}

function accessProblems({ network }: Settings, { guest }: BaseTarget): TargetProblem[] {
  if (guest.channel === 'agent') {
    const hint = 'Remove `guest.channel`: the serial console needs nothing in the guest but a shell.';
    return [{ code: 'V86_NO_WAY_IN', message: 'this engine has no guest agent', hint }];
  }
  if (guest.channel !== 'ssh' || network !== 'none') return [];
  return [
    {
      code: 'V86_NO_WAY_IN',
      message: '`guest.channel: ssh` needs a network',
      hint: 'Use `network: restrict`: only vmtest reaches the guest then.',
    },
  ];
}
