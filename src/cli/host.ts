import { createHost } from '../host/create-host.ts';
import type { Host } from '../host/host.ts';

/** The host as the command line uses it: `--verbose` sends diagnostics to stderr. */
export function cliHost(options: { verbose?: boolean }): Host {
  return createHost(options.verbose ? { log: (message) => process.stderr.write(`· ${message}\n`) } : {});
}
