import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../../src/guest/connect.ts';
import { channelExamples, never, type OpenChannel, run } from '../../../support/guest-channel-examples.ts';
import { guestClock } from '../../../support/guest-clock.ts';
import { startConsole } from '../../../support/guest-console.ts';
import { scratchFolder } from '../../../support/scratch.ts';

describe('a channel by the console', () => {
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
  const folder = await scratchFolder();
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  // A date that does not set the clock of this host.
  const { env } = await guestClock({ date: 'powerless', clock: 0 });
  const stream = startConsole({ env: { PATH: `${env.PATH}`, TMPDIR: temporary } });
  const channel = await connect(
    { kind: 'console', stream },
    { credentials: { user: userInfo().username }, os: 'linux' },
    never,
  );
  onTestFinished(() => channel.close());
  return { channel, temporary };
}
