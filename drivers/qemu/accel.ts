/** Which acceleration a guest gets on this host, and why. */
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import type { Host } from '../../src/host/host.ts';
import { type Arch, hostArch, type Settings } from './settings.ts';

export type Accel = 'kvm' | 'hvf' | 'tcg';

/** What this host offers: one entry an accelerator, with why it cannot be used when it cannot. */
export interface AccelSupport {
  kvm: Support;
  hvf: Support;
}

export interface Support {
  usable: boolean;
  why: string;
  fix?: string;
  /** False: it may be usable all the same, for somebody who insists. */
  certain?: boolean;
}

export interface AccelChoice {
  accel: Accel;
  /** For people. */
  why: string;
}

export interface AccelRefusal {
  refused: string;
  fix?: string;
}

/** Pure. `compiled` is what the QEMU program was built with. */
export function chooseAccel(
  wanted: Settings['accel'],
  guestArch: string,
  compiled: readonly string[],
  support: AccelSupport,
  host: string = hostArch(),
): AccelChoice | AccelRefusal {
  if (wanted === 'tcg') return { accel: 'tcg', why: 'software emulation, as the target asks for' };
  if (wanted === 'whpx') return { refused: 'whpx exists on Windows only, where vmtest cannot drive QEMU' };
  if (wanted !== 'auto') return insist(wanted, guestArch, compiled, support[wanted], host);
  if (guestArch !== host)
    return { accel: 'tcg', why: `software emulation: the guest is ${guestArch}, the host ${host}` };
  for (const accel of ['kvm', 'hvf'] as const) {
    if (support[accel].usable && compiled.includes(accel)) return { accel, why: support[accel].why };
  }
  return { accel: 'tcg', why: `software emulation: ${whyNone(compiled, support)}` };
}

function insist(
  wanted: 'kvm' | 'hvf',
  guestArch: string,
  compiled: readonly string[],
  { usable, why, fix, certain }: Support,
  host: string,
): AccelChoice | AccelRefusal {
  if (guestArch !== host)
    return { refused: `${wanted} runs ${host} guests only here, not ${guestArch} ones` };
  if (!compiled.includes(wanted)) return { refused: `this QEMU was built without ${wanted}` };
  if (usable || certain === false) return { accel: wanted, why: `${wanted}, as the target asks for` };
  return { refused: why, ...(fix === undefined ? {} : { fix }) };
}

function whyNone(compiled: readonly string[], support: AccelSupport): string {
  const accel = process.platform === 'darwin' ? 'hvf' : 'kvm';
  if (support[accel].usable && !compiled.includes(accel)) return `this QEMU was built without ${accel}`;
  return support[accel].why;
}

export async function accelSupport(host: Host, signal: AbortSignal): Promise<AccelSupport> {
  const [kvm, hvf] = await Promise.all([kvmSupport(), hvfSupport(host, signal)]);
  return { kvm, hvf };
}

/**
 * A state saved under hardware acceleration holds features of the processor and of the host's kernel; on another kind
 * of host (a cache that travels) it would not load. Emulated ones are the same everywhere.
 */
export function hardwareIdentity(accel: Accel): string {
  return accel === 'tcg' ? '' : `${cpus()[0]?.model ?? ''} ${release()}`;
}

/** What lets Windows know that it runs on a hypervisor: without, its timers and spinlocks cost dearly. */
const FOR_WINDOWS = ',hv_relaxed,hv_vapic,hv_spinlocks=0x1fff,hv_time';

/**
 * The host's own processor where it is not emulated, else all that QEMU can emulate. Emulated pointer authentication
 * takes QEMU's own cipher in place of the architected one: a small arm64 Linux is up in 2.0 s then, not in 7.1 s.
 */
export function defaultCpu(arch: Arch, accel: Accel, windows: boolean): string {
  if (accel === 'tcg') return arch === 'aarch64' ? 'max,pauth-impdef=on' : 'max';
  return windows && accel === 'kvm' && arch === 'x86_64' ? `host${FOR_WINDOWS}` : 'host';
}

const KVM = '/dev/kvm';

async function kvmSupport(): Promise<Support> {
  if (process.platform !== 'linux') return { usable: false, why: 'there is no KVM on this system' };
  try {
    await access(KVM, constants.R_OK | constants.W_OK);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? noKvm() : kvmDenied();
  }
  return (await hasVirtualization())
    ? { usable: true, why: 'hardware acceleration by KVM' }
    : {
        usable: false,
        certain: false,
        why: `${KVM} is there, but the processor shows no virtualization (vmx, svm): unmodified guests would crawl`,
      };
}

function noKvm(): Support {
  return {
    usable: false,
    why: `there is no ${KVM}`,
    fix: 'Switch virtualization on in the firmware settings (or nested virtualization for this virtual machine), then: sudo modprobe kvm_intel || sudo modprobe kvm_amd',
  };
}

function kvmDenied(): Support {
  return {
    usable: false,
    why: `there is no permission to use ${KVM}`,
    fix: 'Join the group that owns it, then log in again: sudo usermod -aG kvm "$USER"',
  };
}

/**
 * A paravirtual KVM (PVM, on a cloud machine without nested virtualization) has the device too, but emulates
 * unmodified kernels instruction by instruction. Other processors than x86 have no such flags, nor such a KVM.
 */
async function hasVirtualization(): Promise<boolean> {
  if (hostArch() !== 'x86_64') return true;
  const flags = /^flags\s*:(.*)$/m.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  return /\b(?:vmx|svm)\b/.test(flags);
}

async function hvfSupport(host: Host, signal: AbortSignal): Promise<Support> {
  if (process.platform !== 'darwin')
    return { usable: false, why: 'there is no Hypervisor.framework on this system' };
  const { stdout } = await host.exec(['sysctl', '-n', 'kern.hv_support'], { timeout: 5_000, signal });
  return stdout.trim() === '1'
    ? { usable: true, why: "hardware acceleration by Apple's Hypervisor.framework" }
    : { usable: false, why: 'macOS says that this Mac cannot virtualize (kern.hv_support)' };
}
