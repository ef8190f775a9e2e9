import { expect, test } from 'vitest';
import { spawn } from '../../../src/host/exec.ts';
import { WatchedProcess } from '../../../src/host/watched-process.ts';

const watch = (script: string) => WatchedProcess.start(spawn, ['sh', '-c', script], 'The shell');
const UNKILLABLE = { code: 'SHELL_UNKILLABLE', what: 'the shell' };
/** Milliseconds; long for a busy host. */
const AMPLE = 15_000;

test('it tells how a process ended, with what it said', async () => {
  const shell = await watch('echo first >&2; echo last >&2; exit 3');
  expect(await shell.endsWithin(AMPLE)).toBe(true);
  expect(shell.words()).toBe('The shell ended with 3\nfirst\nlast');
  expect(shell.epitaph((stderr) => stderr.split('\n')[0] ?? '')).toBe('The shell ended with 3: first');
  expect(shell.epitaph(() => '')).toBe('The shell ended with 3');
});

test('of much that is said, the end is kept', async () => {
  const shell = await watch('head -c 200000 /dev/zero | tr "\\0" x >&2; echo the end >&2');
  await shell.ended;
  const [, said] = shell.words().split('\n');
  expect(said).toMatch(/^x+the end$/);
  expect(said?.length).toBe(64 * 1024 - 1);
});

test('a process that ignores everything is killed, and not said to have ended before', async () => {
  const shell = await watch('trap "" TERM; echo ready >&2; while :; do sleep 0.05; done');
  expect(await shell.endsWithin(50)).toBe(false);
  expect(shell.epitaph(() => '')).toBe('The shell ended');
  await shell.kill(UNKILLABLE);
  expect(shell.epitaph(() => '')).toBe('The shell was ended by SIGKILL');
});

test('one that does not end even so is told', async () => {
  const ended = new Promise<never>(() => {});
  const hung = async () => ({ pid: 7, ended, kill: () => {}, unref: () => {} });
  const process = await WatchedProcess.start(hung, ['hung'], 'It');
  await expect(process.kill(UNKILLABLE, 20)).rejects.toMatchObject({
    code: 'SHELL_UNKILLABLE',
    message: 'the shell does not end, even killed',
  });
});
