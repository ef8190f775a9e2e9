/**
 * Tells one process apart from every other that ever had its id: process ids come round again, hosts restart, and state
 * folders outlive containers and are shared between hosts. Linux tells a process's start in clock ticks since boot, exactly,
 * and names every boot; elsewhere a process id that was used again counts as alive.
 */
import { createHash } from 'node:crypto';
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
export function liveness({ pid, start, boot }: ProcessIdentity): Liveness {
  return judge(pid, start, placeOf(boot), placeOf(bootName()));
}

/** An identity as a part of file names: process id, start, and where, shortened. */
export function tagOf({ pid, start, boot }: ProcessIdentity): string {
  const { host, boot: bootId, namespace } = shortened(placeOf(boot));
  return [pid, start ?? 0, host, bootId, namespace].join('-');
}

const TAG = /^([1-9]\d{0,9})-(\d+)-([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})$/;

/** The process that a tag names, with whether it still runs; undefined for what is no tag. */
export function readTag(tag: string): { pid: number; liveness: Liveness } | undefined {
  const [, pid, start, host = '', boot = '', namespace = ''] = TAG.exec(tag) ?? [];
  if (pid === undefined) return undefined;
  const there = { host, boot, namespace };
  const started = start === '0' ? undefined : start;
  return { pid: Number(pid), liveness: judge(Number(pid), started, there, shortened(placeOf(bootName()))) };
}

interface Place {
  host: string;
  /** Empty where the system does not name its boots. */
  boot: string;
  namespace: string;
}

function judge(pid: number, start: string | undefined, there: Place, here: Place): Liveness {
  // A boot's name is unique in the world; a host's name may change while it runs.
  const sameBoot = there.boot === here.boot && (NAMES_BOOTS || there.host === here.host);
  if (!sameBoot) return there.host === here.host ? 'dead' : 'foreign';
  if (there.namespace !== here.namespace) return 'foreign';
  if (!exists(pid)) return 'dead';
  const now = startOf(pid);
  if (start === undefined || now === undefined) return 'alive';
  return start === now ? 'alive' : 'dead';
}

function optionalStart(pid: number): { start?: string } {
  const start = startOf(pid);
  return start === undefined ? {} : { start };
}

/** Field 22 of /proc/PID/stat; the command name before it may hold spaces and brackets, so count from its end. */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; only its parent has not looked yet. While others of its threads live, so do its files and ports.
  return fields?.[0] === 'Z' && Number(fields[17]) <= 1 ? 'ended' : fields?.[19];
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const BOOT_ID = read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
const NAMES_BOOTS = BOOT_ID !== '';

let boot: string | undefined;

function bootName(): string {
  boot ??= [hostName(), BOOT_ID, pidNamespace()].join('|');
  return boot;
}

/** Machines made from one image often have one name; their ids differ where the image was made with care. */
function hostName(): string {
  const id = read('/etc/machine-id')?.trim() ?? '';
  return id === '' ? hostname() : `${hostname()}/${id}`;
}

function placeOf(text: string): Place {
  const [host = '', bootId = '', namespace = ''] = text.split('|');
  return { host, boot: bootId, namespace };
}

function shortened({ host, boot: bootId, namespace }: Place): Place {
  const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { host: short(host), boot: short(bootId), namespace: short(namespace) };
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
