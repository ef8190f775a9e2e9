import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { connect } from '../../../../src/guest/connect.ts';
import { channelExamples, never, type OpenChannel } from '../../../support/guest-channel-examples.ts';
import { PASSWORD, startSshServer } from '../../../support/guest-ssh-server.ts';
import { scratchFolder } from '../../../support/scratch.ts';

describe('a channel by SSH', () => {
  channelExamples(open);
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
