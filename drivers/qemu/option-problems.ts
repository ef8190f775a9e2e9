/** What is wrong with a target's keys in themselves, before any file is looked at. Pure. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { AccessKind, TargetProblem } from '../driver.ts';
import type { Settings } from './settings.ts';

/** Arguments that would take the machine out of this driver's hands, and what to use in their place. */
const FORBIDDEN_ARGS: Readonly<Record<string, string>> = {
  '-daemonize': 'vmtest must see how QEMU ends',
  '-incoming': 'vmtest restores states itself, see `snapshot`',
  '-loadvm': 'name the snapshot in `snapshot`',
  '-snapshot': 'every cell has a disk overlay of its own anyway',
  '-name': 'vmtest knows its machines by their name',
  '-m': 'use `memory`',
  '-smp': 'use `cpus`',
  '-accel': 'use `accel`',
  '-enable-kvm': 'use `accel`',
  '-machine': 'use `machine`',
  '-M': 'use `machine`',
  '-cpu': 'use `cpu`',
};

/** What QEMU cannot save, or must not share between clones. */
const NOT_LIVE: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\bvfio-/, 'a device is passed through (vfio)'],
  [/^-virtfs|^-fsdev|virtio-9p/, 'a folder is shared (9p)'],
  [/vhost-user|vhost-vsock/, 'a device lives in another process (vhost)'],
  [/\busb-host\b/, 'a USB device is passed through'],
  [/memory-backend-|^-mem-path|^-numa/, 'the memory is laid out in `args`'],
];

const MIB = 1024 ** 2;
/** Less than the smallest Linux with an initrd takes. */
const LEAST_MEMORY = 32 * MIB;

export function optionProblems(settings: Settings, target: BaseTarget, hostMemory: number): TargetProblem[] {
  return [
    ...argumentProblems(settings),
    ...bootProblems(settings),
    ...memoryProblems(settings, hostMemory),
    ...accessProblems(settings, target),
  ];
}

/** Why a running machine of these settings cannot be saved on this system, or undefined. */
export function whyNotLive({ args }: Settings, platform: string = process.platform): string | undefined {
  if (platform === 'win32') return 'QEMU on Windows cannot map guest memory from a file';
  return NOT_LIVE.find(([pattern]) => args.some((arg) => pattern.test(arg)))?.[1];
}

function argumentProblems({ args }: Settings): TargetProblem[] {
  return args.flatMap((arg) => {
    const name = arg.replace(/^--/, '-');
    const why = Object.hasOwn(FORBIDDEN_ARGS, name) ? FORBIDDEN_ARGS[name] : undefined;
    return why === undefined
      ? []
      : [{ code: 'QEMU_ARGS_CONFLICT', message: `\`args\` may not hold ${arg}`, hint: `${why}.` }];
  });
}

function bootProblems({ kernel, initrd, append, firmware, arch, image, diskBus }: Settings): TargetProblem[] {
  const problems: TargetProblem[] = [];
  const conflict = (message: string, hint: string) =>
    problems.push({ code: 'QEMU_OPTIONS_CONFLICT', message, hint });
  if (kernel === undefined && initrd !== undefined) conflict('`initrd` needs `kernel`', 'Add `kernel`.');
  if (kernel === undefined && append !== undefined) conflict('`append` needs `kernel`', 'Add `kernel`.');
  if (kernel === undefined && image === undefined)
    conflict('there is neither `image` nor `kernel`', 'Add one of them.');
  if (arch === 'aarch64' && firmware === 'bios' && kernel === undefined)
    conflict('there is no BIOS for aarch64', 'Use `firmware: uefi`, or boot a `kernel` directly.');
  if (arch === 'aarch64' && diskBus === 'ide' && image !== undefined)
    conflict('aarch64 machines have no IDE', 'Use `disk-bus: virtio`, `scsi` or `sata`.');
  return problems;
}

function memoryProblems({ memory }: Settings, hostMemory: number): TargetProblem[] {
  const amount = `${memory / MIB} MiB`;
  if (memory < LEAST_MEMORY) {
    return [
      {
        code: 'QEMU_MEMORY_TOO_SMALL',
        message: `${amount} of memory are too little for any guest`,
        hint: `Give at least ${LEAST_MEMORY / MIB}M; most systems want 512M or more.`,
      },
    ];
  }
  if (memory <= hostMemory) return [];
  return [
    {
      code: 'QEMU_MEMORY_TOO_BIG',
      message: `the guest's ${amount} of memory are more than this host has (${Math.floor(hostMemory / MIB)} MiB)`,
      hint: 'Lower `memory` of the target.',
    },
  ];
}

function accessProblems({ network, agent }: Settings, { guest }: BaseTarget): TargetProblem[] {
  const offered = offeredAccess({ network, agent });
  const problem = (message: string, hint: string) => [{ code: 'QEMU_NO_WAY_IN', message, hint }];
  if (guest.channel === 'ssh' && !offered.includes('ssh'))
    return problem(
      '`guest.channel: ssh` needs a network',
      'Use `network: restrict`: only vmtest reaches the guest then.',
    );
  if (guest.channel === 'agent' && !offered.includes('agent'))
    return problem('`guest.channel: agent` needs `agent: true`', 'Remove `agent: false`.');
  return [];
}

/** Best first: the agent needs no network, no key and no handshake; the console is always there, and slow. */
export function offeredAccess({ network, agent }: Pick<Settings, 'network' | 'agent'>): AccessKind[] {
  const ways: [AccessKind, boolean][] = [
    ['agent', agent],
    ['ssh', network !== 'none'],
    ['console', true],
  ];
  return ways.filter(([, isThere]) => isThere).map(([kind]) => kind);
}
