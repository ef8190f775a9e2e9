/**
 * Tells one process apart from every other that ever had its id: process ids come round again, hosts restart, and state
 * folders outlive containers. Linux tells a process's start in clock ticks since boot, exactly; elsewhere `ps` tells it
 * to the second.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ProcessIdentity } from './host.ts';

export type Liveness = 'alive' | 'dead' | 'foreign';

let own: ProcessIdentity | undefined;

/** Of this process. */
export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, ...optionalStart(process.pid), boot: bootName() };
  return own;
}

/** Of another living process of this host, right now. */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, ...optionalStart(pid), boot: bootName() };
}

/**
 * Whether that very process still runs. `foreign` when this host cannot know: another host, another pid namespace.
 * The same host after a restart can: the process is dead.
 */
export function liveness(identity: ProcessIdentity): Liveness {
  const there = parseBoot(identity.boot);
  const here = parseBoot(bootName());
  if (there.host !== here.host) return 'foreign';
  if (there.boot !== here.boot) return 'dead';
  if (there.namespace !== here.namespace) return 'foreign';
  if (!exists(identity.pid)) return 'dead';
  const start = startOf(identity.pid);
  if (identity.start === undefined || start === undefined) return 'alive';
  return identity.start === start ? 'alive' : 'dead';
}

function optionalStart(pid: number): { start?: string } {
  const start = startOf(pid);
  return start === undefined ? {} : { start };
}

/** Field 22 of /proc/PID/stat; the command name before it may hold spaces and brackets, so count from its end. */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; only its parent has not looked yet.
  return fields?.[0] === 'Z' ? 'ended' : fields?.[19];
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

let boot: string | undefined;

function bootName(): string {
  boot ??= [hostname(), read('/proc/sys/kernel/random/boot_id')?.trim() ?? '', pidNamespace()].join('|');
  return boot;
}

function parseBoot(text: string): { host: string; boot: string; namespace: string } {
  const [host = '', bootId = '', namespace = ''] = text.split('|');
  return { host, boot: bootId, namespace };
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
