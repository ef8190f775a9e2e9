import { join } from 'node:path';
import { exec, spawn } from './exec.ts';
import type { Host } from './host.ts';
import { createLeases } from './leases.ts';
import { createLocks } from './locks.ts';
import { defaultPaths, type Paths } from './paths.ts';

export interface HostOptions {
  /** Default: the XDG folders. */
  paths?: Paths;
  /** Default: nowhere. */
  log?: (message: string) => void;
  /** Default: where `log` goes. */
  warn?: (message: string) => void;
  /** Default: nobody is told. */
  onCommand?: Host['onCommand'];
}

/** The real host. Makes no folder and starts nothing. */
export function createHost(options: HostOptions = {}): Host {
  const paths = options.paths ?? defaultPaths();
  return {
    exec,
    spawn,
    paths,
    locks: createLocks(join(paths.state, 'locks')),
    leases: createLeases(paths.state),
    log: options.log ?? (() => {}),
    warn: options.warn ?? options.log ?? (() => {}),
    onCommand: options.onCommand ?? (() => {}),
  };
}
