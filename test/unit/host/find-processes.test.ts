import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { exec } from '../../../src/host/exec.ts';
import { findProcesses, killWanted } from '../../../src/host/find-processes.ts';

test('finds a process by its arguments, and kills no other that has its id', async () => {
  const name = `vmtest-${process.pid}`;
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)', '--', name]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const ended = once(child, 'exit');
  const signal = AbortSignal.timeout(15_000);
  const search = { host: { exec }, signal, isWanted: (argv: readonly string[]) => argv.includes(name) };
  const named = { what: 'it', code: 'UNKILLABLE' };
  await expect.poll(() => findProcesses(search)).toEqual([child.pid]);

  await killWanted(child.pid as number, { ...search, isWanted: () => false }, named);
  expect(child.signalCode).toBeNull();
  await killWanted(child.pid as number, search, named);
  expect((await ended)[1]).toBe('SIGKILL');
  expect(await findProcesses(search)).toEqual([]);
});
