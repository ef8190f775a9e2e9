/** What this host has to give to guests: cores, and memory that is free now, also inside a container's limit. */
import { readFileSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';

export interface Resources {
  cpus: number;
  /** Bytes. */
  memory: number;
}

/** Left to the host itself, at least: a host that swaps makes every guest late. */
const RESERVE = { bytes: 512 * 1024 ** 2, share: 0.05 };

export function freeResources(): Resources {
  const total = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const reserve = Math.max(RESERVE.bytes, total * RESERVE.share);
  return { cpus: availableParallelism(), memory: Math.max(0, Math.min(available(), total) - reserve) };
}

/** `MemAvailable` counts caches that can be dropped, which `freemem` on Linux does only since Node 22. */
function available(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    if (kilobytes) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
  }
  return freemem();
}
