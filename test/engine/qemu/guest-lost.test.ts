/** Guests that are lost in the middle of something: killed, or reset. */
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { openQmp } from '../../../drivers/qemu/qmp.ts';
import { connectWhenThere } from '../../../drivers/qemu/unix-socket.ts';
import { encodeTarHeader } from '../../../src/guest/transfer/tar-header.ts';
import { run } from '../../support/guest-channel-examples.ts';
import { noise, outcome, reach } from '../../support/guest-in-qemu.ts';
import { host, into, KINDS, makeTemplate, started, tiny } from './clones.ts';
import { type Opened, processesOf, running, soon, tinyTarget } from './support.ts';

beforeAll(makeTemplate);

const LOST = {
  agent: { code: 'GUEST_AGENT_LOST', retryable: true },
  ssh: { code: 'GUEST_CONNECTION_LOST', retryable: true },
};

describe.each(KINDS)('a guest that is lost, by %s', (kind) => {
  const kill = async ({ lease }: Opened) => {
    const [pid, ...more] = await processesOf(lease.record.id);
    expect(more).toEqual([]);
    process.kill(pid as number, 'SIGKILL');
  };

  test('in the middle of a command is no exit', async () => {
    const guest = await into(kind);
    const { ended, heard } = await started(guest.channel, 'echo started; sleep 1000');
    await kill(guest);
    expect(await ended).toMatchObject(LOST[kind]);
    expect(heard()).toBe('started\n');
    expect(await outcome(run(guest.channel, 'true'))).toMatchObject(LOST[kind]);
  });

  /** Pieces of an upload, of 64 KiB: more than is held on the way, less than the guest's memory. */
  const KILLED_AT = 100;

  test('in the middle of an upload fails it', async () => {
    const guest = await into(kind);
    let sent = 0;
    const endless = async function* () {
      yield encodeTarHeader({ path: 'big', type: 'File', mode: 0o644, size: 2 ** 32, mtime: new Date() });
      for (;;) {
        sent += 1;
        if (sent === KILLED_AT) await kill(guest);
        if (sent > 10 * KILLED_AT) throw new Error('nobody notices');
        yield noise(64 * 1024, `${sent}`);
        await delay(5);
      }
    };
    const upload = guest.channel.upload(Readable.from(endless(), { objectMode: false }), 'up', soon());
    expect(await outcome(upload)).toMatchObject(LOST[kind]);
    expect(sent).toBeGreaterThanOrEqual(KILLED_AT);
  });

  test('in the middle of a download breaks it off', async () => {
    const guest = await into(kind);
    await run(guest.channel, 'mkdir d; truncate -s 40000000 d/big');
    const download = await guest.channel.download('d', ['big'], soon());
    const read = async () => {
      let bytes = 0;
      for await (const chunk of download) {
        if (bytes === 0) await kill(guest);
        bytes += (chunk as Buffer).length;
      }
      return bytes;
    };
    expect(await outcome(read())).toMatchObject(LOST[kind]);
  });
});

test('a reset in the middle of a command is a loss, by agent and by ssh', async () => {
  const monitor = join(host.paths.state, 'more.sock');
  const cold = await tinyTarget(
    { args: ['-qmp', `unix:${monitor},server=on,wait=off`] },
    { snapshot: 'none', guest: { key: tiny.key } },
  );
  const { machine } = await running(cold, host);
  const channels = await Promise.all(KINDS.map((kind) => reach({ host, target: cold, machine, kind })));
  const commands = await Promise.all(
    channels.map((channel) => started(channel, 'echo started; sleep 1000; echo woken')),
  );
  const qmp = await openQmp(await connectWhenThere(monitor, soon()), soon());
  await qmp.execute('system_reset');
  qmp.close();
  const ends = await Promise.all(commands.map(({ ended }) => ended));
  for (const [index, kind] of KINDS.entries()) expect(ends[index]).toMatchObject(LOST[kind]);
  // It has booted again meanwhile, and is a guest like any other.
  for (const kind of KINDS) {
    const channel = await reach({ host, target: cold, machine, kind });
    expect(await run(channel, 'echo again')).toMatchObject({ exitCode: 0, stdout: 'again\n' });
  }
});
