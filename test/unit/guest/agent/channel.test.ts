import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { createQgaLink } from '../../../../src/guest/agent/qga.ts';
import { connect } from '../../../../src/guest/connect.ts';
import { channelExamples, never, type OpenChannel } from '../../../support/guest-channel-examples.ts';
import { TestQga } from '../../../support/guest-qga.ts';
import { scratchFolder } from '../../../support/scratch.ts';

describe("a channel by QEMU's guest agent", () => {
  channelExamples(open);
});

async function open(): Promise<OpenChannel> {
  const folder = await scratchFolder();
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const qga = await TestQga.start({ folder, env: { TMPDIR: temporary } });
  const link = createQgaLink(qga.connect());
  const channel = await connect(
    { kind: 'agent', link },
    { credentials: { user: userInfo().username }, os: 'linux' },
    never,
  );
  onTestFinished(() => channel.close());
  return { channel, temporary };
}
