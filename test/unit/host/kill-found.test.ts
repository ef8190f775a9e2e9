import { spawn as start } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { killFound } from '../../../src/host/kill-found.ts';
import { identityOf, liveness } from '../../../src/host/process-identity.ts';

const never = new AbortController().signal;

async function sleeper() {
  const child = start('sleep', ['1000']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  const pid = child.pid as number;
  return { pid, identity: identityOf(pid), ended: once(child, 'close') };
}

test('the process that was found is killed, and seen to end', async () => {
  const { pid, identity, ended } = await sleeper();
  const isStillThat = () => liveness(identity) === 'alive';
  await killFound({ pid, isStillThat, what: 'it', code: 'CODE' }, never);
  expect(isStillThat()).toBe(false);
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('another one that got its id is left alone', async () => {
  const { pid, identity } = await sleeper();
  await killFound({ pid, isStillThat: async () => false, what: 'it', code: 'CODE' }, never);
  expect(liveness(identity)).toBe('alive');
});

test('waiting for one that does not end stops with the signal', async () => {
  const { pid } = await sleeper();
  const abort = new AbortController();
  let looks = 0;
  const isStillThat = () => {
    looks += 1;
    if (looks === 3) abort.abort(new Error('enough'));
    return true;
  };
  const killing = killFound({ pid, isStillThat, what: 'it', code: 'CODE' }, abort.signal);
  await expect(killing).rejects.toThrow('enough');
});

test('one that does not end is told', async () => {
  const { pid } = await sleeper();
  const found = { pid, isStillThat: () => true, what: 'it', code: 'CODE' };
  await expect(killFound(found, never, 30)).rejects.toMatchObject({
    code: 'CODE',
    message: 'it does not end, even killed',
  });
});
