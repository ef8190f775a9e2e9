import { commandLines } from '../host/command-line.ts';
import { createHost } from '../host/create-host.ts';
import type { Host } from '../host/host.ts';
import { Recording } from './recording.ts';

export interface HostFlags {
  verbose?: boolean;
  /** A file. */
  record?: string;
}

/** The host as the command line uses it: `--verbose` sends diagnostics to stderr, `--record` what the engines answered to a file. */
export function cliHost({ verbose = false, record }: HostFlags): Host {
  const recording = record === undefined ? undefined : new Recording(record);
  const log = (message: string) => {
    if (verbose) process.stderr.write(`· ${message}\n`);
  };
  return createHost({
    log,
    warn: (message) => process.stderr.write(`vmtest: ${message}\n`),
    onCommand: (command, cell) => {
      recording?.write(command, cell);
      if (verbose) log(`${cell === undefined ? '' : `${cell}: `}${commandLines(command)}`);
    },
  });
}
