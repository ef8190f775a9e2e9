/** Where the parts of a backing lie in its folder. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** A real QEMU guest behind a stand-in's machine; all of its state lies in `folder`. */
export interface Backing {
  folder: string;
}

/** What is remembered of a backing between processes: `backing.json`. */
export interface BackingState {
  /** By the names that stand-ins give them. */
  snapshots?: Record<string, { live: boolean }>;
  /** The live snapshot with which the next start goes on. */
  next?: string | undefined;
}

export function filesOf({ folder }: Backing) {
  const run = join(folder, 'run');
  return {
    disk: join(folder, 'disk.qcow2'),
    /** Of a linked clone: what its disk lies on. */
    below: join(folder, 'below.qcow2'),
    state: join(folder, 'backing.json'),
    run,
    /** The identity of the QEMU process, as JSON. */
    pid: join(run, 'pid'),
    qmp: join(run, 'qmp.sock'),
    qga: join(run, 'qga.sock'),
    console: join(run, 'console.log'),
    /** What QEMU itself says. */
    log: join(run, 'qemu.log'),
  };
}

/** What QEMU calls a snapshot: its monitor's command line would need quoting for most names. */
export function tagOf(snapshot: string): string {
  return createHash('sha256').update(snapshot).digest('hex').slice(0, 16);
}
