import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../../src/guest/connect.ts';
import { channelExamples, never, type OpenChannel, run } from '../../../support/guest-channel-examples.ts';
import { PASSWORD, startSshServer } from '../../../support/guest-ssh-server.ts';
import { scratchFolder } from '../../../support/scratch.ts';

describe('a channel by SSH', () => {
  channelExamples(open);

  test('does not wait for a child that was left behind and goes on printing', async () => {
    const { channel } = await open();
    const folder = await scratchFolder();
    const script = `while [ -d ${folder} ]; do echo noise; sleep 0.1; done & echo done`;
    const { exitCode, stdout } = await run(channel, script);
    expect({ exitCode, done: stdout.includes('done\n') }).toEqual({ exitCode: 0, done: true });
  });
});

async function open(): Promise<OpenChannel> {
  const home = await scratchFolder();
  const temporary = join(home, 'tmp');
  await mkdir(temporary);
  const { port } = await startSshServer({ home, env: { TMPDIR: temporary } });
  const channel = await connect(
    { kind: 'ssh', host: '127.0.0.1', port },
    { credentials: { user: 'tester', password: PASSWORD }, os: 'linux' },
    never,
  );
  onTestFinished(() => channel.close());
  return { channel, temporary };
}
