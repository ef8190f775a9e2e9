/** What a machine takes from the host, and how much slower than usual it is. */
import type { Settings } from './settings.ts';

const MIB = 1024 ** 2;

/**
 * Bytes of a machine's process beside the guest's memory. Measured on Node 20 with a Linux in 128 MiB, restored: 72 MiB
 * for Node and the emulator before there is a guest, 234 MiB when it answers with half of its memory in use, of which
 * 50 MiB are the file with the state, given back soon; then the buffer for translated code grows. The rest is room.
 */
const OVERHEAD = 224 * MIB;

export function demandOf({ memory, vgaMemory }: Settings): { cpus: number; memory: number } {
  return { cpus: 1, memory: memory + vgaMemory + OVERHEAD };
}

/** A Debian kernel with busybox boots in 10 to 20 s, some ten times what hardware acceleration takes for the same. */
export const SLOWDOWN = 10;
