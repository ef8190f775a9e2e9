import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { BaseTarget } from '../../../matrix/model.ts';
import type { Host } from '../../../src/host/host.ts';
import { soon } from './support.ts';

export interface Owner {
  says(pattern: RegExp): Promise<RegExpExecArray>;
  kill(): Promise<void>;
}

/** Another process that uses the driver; see the fixture. */
export function owner(what: 'open' | 'keep' | 'hang', host: Host, target: BaseTarget): Owner {
  const script = fileURLToPath(new URL('../../fixtures/v86-owner.ts', import.meta.url));
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
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    says: async (pattern) => {
      for (const signal = soon(); ; await delay(50)) {
        const match = pattern.exec(output);
        if (match) return match;
        if (signal.aborted || child.exitCode !== null) throw new Error(`never said ${pattern}:\n${output}`);
      }
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
