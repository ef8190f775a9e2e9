/** Where vmtest keeps things outside a run's output folder. XDG folders, also on macOS; on Windows below LOCALAPPDATA. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Paths {
  /** Leases, locks, history, machine folders: `$XDG_STATE_HOME/vmtest`. */
  state: string;
  /** Images and templates, which can be made again: `$XDG_CACHE_HOME/vmtest`. */
  cache: string;
}

export function defaultPaths(env: NodeJS.ProcessEnv = process.env): Paths {
  const home = homedir();
  if (process.platform === 'win32') {
    const local = env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
    return { state: join(local, 'vmtest', 'state'), cache: join(local, 'vmtest', 'cache') };
  }
  return {
    state: join(absolute(env['XDG_STATE_HOME']) ?? join(home, '.local', 'state'), 'vmtest'),
    cache: join(absolute(env['XDG_CACHE_HOME']) ?? join(home, '.cache'), 'vmtest'),
  };
}

/** The XDG specification: relative values are to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') ? path : undefined;
}
