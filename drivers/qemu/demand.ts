/** What a machine takes from the host, and how much slower than usual it is. */
import type { Accel } from './accel.ts';
import type { MachineSpec } from './command-line.ts';

const MIB = 1024 ** 2;

/**
 * Bytes of a QEMU process beside the guest's memory, measured on QEMU 7.2 with a Debian 12 guest: 65 MiB after the start
 * (video memory included), 202 MiB after a minute of work under emulation, whose buffer for translated code is full
 * then. The rest is room.
 */
const OVERHEAD: Readonly<Record<Accel, number>> = { tcg: 224 * MIB, kvm: 96 * MIB, hvf: 96 * MIB };

export function demandOf(spec: MachineSpec): { cpus: number; memory: number } {
  return { cpus: spec.cpus, memory: spec.memory + OVERHEAD[spec.accel] };
}

/**
 * A Debian 12 guest boots in 20 s under emulation on a machine on which hardware acceleration would take some 4 s;
 * published figures for other guests lie between 5 and 20 times, and deadlines have room of their own.
 */
export function slowdownOf(accel: Accel): number {
  return accel === 'tcg' ? 5 : 1;
}
