/** A console of this host: real shells on a real pseudo-terminal, which `script` (bsdutils) makes. */
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { quotePosix } from '../../src/guest/shell/quote.ts';
import { killGroup } from './guest-ssh-server.ts';

export interface ConsoleOptions {
  /** Over the environment of this process. */
  env?: Record<string, string>;
  /** What runs on the terminal. Default: an interactive `sh`. */
  command?: string;
}

/** The bytes of the terminal, both ways. It ends with the program on it. */
export function startConsole({ env = {}, command = 'sh -i' }: ConsoleOptions = {}): Duplex {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quotePosix(value)}`);
  const child = spawn('script', ['-qfc', [...variables, command].join('\n'), '/dev/null'], {
    env: { ...process.env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.on('error', () => {});
  const end = () => killGroup(child.pid);
  stream.once('close', end);
  onTestFinished(end);
  return stream;
}
