import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createQgaLink } from '../../../../src/guest/agent/qga.ts';
import type { AgentLink } from '../../../../src/guest/channel.ts';
import { connect } from '../../../../src/guest/connect.ts';
import { channelExamples, never, type OpenChannel, run } from '../../../support/guest-channel-examples.ts';
import { TestQga } from '../../../support/guest-qga.ts';
import { scratchFolder } from '../../../support/scratch.ts';

describe("a channel by QEMU's guest agent", () => {
  channelExamples(() => open());
});

describe('by an agent whose words others can read', () => {
  const words: string[] = [];
  const shown = (link: AgentLink): AgentLink => ({
    chunk: link.chunk,
    showsWords: true,
    ping: (signal) => link.ping(signal),
    start: (argv, options, signal) => {
      words.push(...argv);
      return link.start(argv, options, signal);
    },
    poll: (handle, signal) => link.poll(handle, signal),
    read: (...args) => link.read(...args),
    write: (...args) => link.write(...args),
    close: (tidy) => link.close(tidy),
  });

  channelExamples(() => open(shown));

  test('a command and its variables are none of the words', async () => {
    const { channel } = await open(shown);
    const ended = await run(channel, 'echo "$HUSH"; echo now-then', { env: { HUSH: 'hush-hush' } });
    expect(ended).toMatchObject({ exitCode: 0, stdout: 'hush-hush\nnow-then\n' });
    expect(words.length).toBeGreaterThan(0);
    expect(words.filter((word) => /hush-hush|now-then/.test(word))).toEqual([]);
  });
});

/** @param around what the channel gets in place of the link. */
async function open(around: (link: AgentLink) => AgentLink = (link) => link): Promise<OpenChannel> {
  const folder = await scratchFolder();
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const qga = await TestQga.start({ folder, env: { TMPDIR: temporary } });
  const link = around(createQgaLink(qga.connect()));
  const channel = await connect(
    { kind: 'agent', link },
    { credentials: { user: userInfo().username }, os: 'linux' },
    never,
  );
  onTestFinished(() => channel.close());
  return { channel, temporary };
}
