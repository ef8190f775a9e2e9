/** Another process that uses a driver, to be killed: a fixture that is told what to do, and prints how far it has come. */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { BaseTarget } from '../../matrix/model.ts';
import type { Host } from '../../src/host/host.ts';

export interface Owner {
  says(pattern: RegExp): Promise<RegExpExecArray>;
  kill(): Promise<void>;
  ended: Promise<number | null>;
  output(): string;
}

/**
 * @param fixture a file of test/fixtures.
 * @param patienceMs for what it is to say.
 */
export function startOwner(
  fixture: string,
  what: string,
  { host, target, patienceMs }: { host: Host; target: BaseTarget; patienceMs: number },
): Owner {
  const script = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  const { state, cache } = host.paths;
  const argv = ['--import', 'tsx', script, what, state, cache, JSON.stringify(target)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return {
    says: async (pattern) => {
      for (const end = Date.now() + patienceMs; ; await delay(50)) {
        const match = pattern.exec(output);
        if (match) return match;
        if (child.exitCode !== null || Date.now() > end) throw new Error(`never said ${pattern}:\n${output}`);
      }
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    ended,
    output: () => output,
  };
}
