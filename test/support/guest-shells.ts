/** The shells of this host that can stand for a guest's `sh`. */
import { spawnSync } from 'node:child_process';

const CANDIDATES: readonly (readonly [string, ...string[]])[] = [
  ['sh'],
  ['dash'],
  ['bash'],
  ['busybox', 'sh'],
  ['zsh', '--emulate', 'sh'],
  ['mksh'],
];

export interface Shell {
  name: string;
  argv: readonly [string, ...string[]];
}

export const shells: readonly Shell[] = CANDIDATES.filter(
  ([program, ...args]) => spawnSync(program, [...args, '-c', 'exit 0']).status === 0,
).map((argv) => ({ name: argv.join(' '), argv }));

export interface ShellRun {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Given on stdin. */
  input?: string;
}

export function runIn(shell: Shell, script: string, options: RunOptions = {}): ShellRun {
  return runWith(shell, ['-c', script], options);
}

export function runFile(shell: Shell, file: string, options: RunOptions = {}): ShellRun {
  return runWith(shell, [file], options);
}

function runWith({ argv: [program, ...args] }: Shell, more: string[], options: RunOptions): ShellRun {
  const { status, signal, stdout, stderr, error } = spawnSync(program, [...args, ...more], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  // A script that does not read its input may have closed it before all was written.
  if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  return { status, signal, stdout, stderr };
}
