import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { connect } from '../../../../src/guest/connect.ts';
import { channelExamples, never, type OpenChannel } from '../../../support/guest-channel-examples.ts';
import { guestClock } from '../../../support/guest-clock.ts';
import { startConsole } from '../../../support/guest-console.ts';
import { scratchFolder } from '../../../support/scratch.ts';

describe('a channel by the console', () => {
  channelExamples(open);
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
