import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectExec } from '../../../../src/guest/exec/connect.ts';
import { channelExamples, never, type OpenChannel, run } from '../../../support/guest-channel-examples.ts';
import { shellLink } from '../../../support/guest-exec.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const options = { user: userInfo().username, os: 'linux' as const };

describe('a channel by exec', () => {
  channelExamples(() => open(), { tellsSignals: false });
});

async function open(wrapper?: string): Promise<OpenChannel> {
  const temporary = join(await scratchFolder(), 'tmp');
  await mkdir(temporary);
  const channel = await connectExec(shellLink({ wrapper, env: { TMPDIR: temporary } }), options, never);
  onTestFinished(() => channel.close());
  return { channel, temporary };
}

test('an engine whose exec tells no exit code, prints of itself, and lingers, does', async () => {
  const wrapper = 'echo connecting; echo warning >&2; sh -c "$C"; echo bye; echo bye >&2; sleep 600';
  const { channel } = await open(wrapper);
  expect(await run(channel, 'echo out; echo err >&2; exit 3')).toEqual({
    exitCode: 3,
    stdout: 'out\n',
    stderr: 'warning\nerr\n',
  });
});

test('a program that breaks off is a lost guest, with its last words', async () => {
  const folder = await scratchFolder();
  const wrapper = `exec 3<&0; sh -c "$C" <&3 & while [ ! -e ${folder}/break ]; do sleep 0.05; done; echo 'no route' >&2; exit 255`;
  const { channel } = await open(wrapper);
  const script = `echo begun; : >${folder}/break; while [ -d ${folder} ]; do sleep 0.1; done`;
  await expect(run(channel, script)).rejects.toMatchObject({
    code: 'GUEST_CONNECTION_LOST',
    message: 'the connection to the guest was lost: the program ended with 255: no route',
    retryable: true,
  });
});

test('it is tried again until the guest answers, and why not is told', async () => {
  const folder = await scratchFolder();
  const wrapper = `if [ -e ${folder}/ready ]; then exec sh -c "$C"; fi; : >${folder}/ready; echo 'no such guest' >&2; exit 1`;
  const told: string[] = [];
  const channel = await connectExec(
    shellLink({ wrapper }),
    { ...options, onAttempt: (why) => told.push(why) },
    never,
  );
  await channel.close();
  expect(told).toEqual(['the connection to the guest was lost: the program ended with 1: no such guest']);
});

test('a program that cannot be started is not tried again', async () => {
  await expect(connectExec(shellLink({ program: '/nowhere/exec' }), options, never)).rejects.toMatchObject({
    code: 'COMMAND_NOT_FOUND',
  });
});

test('a user that the guest does not have', async () => {
  await expect(
    connectExec(shellLink({}), { ...options, user: 'nobody-of-this-name' }, never),
  ).rejects.toMatchObject({ code: 'GUEST_USER' });
});
