/** Guests that are not fit for work when a channel comes in: years behind, starved, without a folder to write to. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { GuestChannel } from '../../../src/guest/channel.ts';
import { run } from '../../support/guest-channel-examples.ts';
import { noise, outcome } from '../../support/guest-in-qemu.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { also, host, into, KINDS, makeTemplate, packed, target } from './clones.ts';
import { running, sh, soon } from './support.ts';

beforeAll(makeTemplate);

describe.each(KINDS)('the clock of a clone, by %s', (kind) => {
  const SECONDS_OFF = 5;
  const isNow = (date: string) => {
    expect(Math.abs(Number(date) - Date.now() / 1000)).toBeLessThan(SECONDS_OFF);
  };

  test('is right in the first command, though the template is years behind', async () => {
    const opened = await running(target, host);
    expect(Number(await sh(opened.machine, 'date +%Y'))).toBe(2021);
    const channel = await also(opened, kind);
    isNow((await run(channel, 'date +%s')).stdout);
  });

  test('is right after an upload, when it was hours ahead and the private folders are gone', async () => {
    const opened = await running(target, host);
    const ahead = Math.round(Date.now() / 1000) + 5 * 3_600;
    await sh(opened.machine, `date -s @${ahead}; rm -rf /tmp/.vmtest-*`);
    expect(await sh(opened.machine, 'ls -A /tmp')).toBe('');
    const channel = await also(opened, kind);
    const here = await scratchFolder();
    await writeFile(join(here, 'file'), 'text');
    await channel.upload(await packed(here), 'up', soon());
    expect(await run(channel, 'cat up/file; date +%s >up/now')).toMatchObject({
      exitCode: 0,
      stdout: 'text',
    });
    isNow(await sh(opened.machine, 'cat /root/up/now'));
  });
});

describe('the clock of a clone, for an ordinary user', () => {
  test('is set by agent, whose rights the user does not get', async () => {
    const opened = await running(target, host);
    const channel = await also(opened, 'agent', 'alice');
    // Busybox's `date` ends with 0 when it may not set the clock.
    const { stdout } = await run(channel, 'date +%s; date -s @0 >/dev/null 2>&1; date +%s');
    for (const now of stdout.trim().split('\n')) {
      expect(Math.abs(Number(now) - Date.now() / 1000)).toBeLessThan(5);
    }
  });

  test('cannot be set by ssh without sudo, which is told', async () => {
    const opened = await running(target, host);
    const notes: string[] = [];
    const channel = await also(opened, 'ssh', 'alice', notes);
    expect((await run(channel, 'date +%Y')).stdout).toBe('2021\n');
    expect(notes).toEqual([expect.stringContaining("the guest's clock could not be set")]);
  });
});

/** By ssh, since it is the other way in. Killed outright: one whose port nobody listens to may take its time. */
async function restartAgent(channel: GuestChannel, options: string): Promise<void> {
  const { stdout } = await run(
    channel,
    `pid=$(cat /run/qemu-ga.pid); argv=$(tr '\\0' ' ' </proc/$pid/cmdline)
kill -KILL $pid; sleep 0.5; rm -f /run/qemu-ga.pid
$argv ${options} </dev/null >/tmp/ga.log 2>&1; cat /tmp/ga.log; ps | grep [q]emu-ga`,
  );
  expect(stdout).toContain(options);
}

test('an agent that may not run programs is no way in, and says so at once', async () => {
  const guest = await into('ssh');
  await restartAgent(guest.channel, '-b guest-exec');
  const disabled = {
    code: 'GUEST_AGENT_DISABLED',
    retryable: false,
    message: expect.stringContaining('guest-exec'),
    hint: expect.stringContaining('BLOCK_RPCS'),
  };
  // With the memory of the template nothing is run until the first command.
  const channel = await also(guest, 'agent');
  await expect(run(channel, 'true')).rejects.toMatchObject(disabled);
  await expect(also(guest, 'agent', 'alice')).rejects.toMatchObject(disabled);
});

describe.each(KINDS)('a guest whose /tmp cannot be written, by %s', (kind) => {
  const coded = {
    code: expect.stringMatching(/^GUEST_/),
    retryable: false,
    hint: expect.stringMatching(/\w/),
  };

  test.each([
    ['is read-only', 'mount -o remount,ro /tmp', 'mount -o remount,rw /tmp'],
    [
      'is full',
      'mount -t tmpfs -o size=64k,mode=1777 tmpfs /tmp; head -c 1000000 /dev/zero >/tmp/all; true',
      'umount -l /tmp',
    ],
  ])('because it %s: that is the error of commands and uploads', async (_why, harm, mend) => {
    const opened = await running(target, host);
    await sh(opened.machine, harm);
    const channel = await also(opened, kind);
    const here = await scratchFolder();
    await writeFile(join(here, 'file'), noise(200_000, 'file'));
    expect.soft(await outcome(run(channel, 'echo ran'))).toMatchObject({ ...coded, code: 'GUEST_NO_SPACE' });
    expect.soft(await outcome(channel.upload(await packed(here), '/tmp/up', soon()))).toMatchObject(coded);
    await channel.close(false);
    await sh(opened.machine, mend);
    const again = await also(opened, kind);
    expect(await run(again, 'echo ran')).toMatchObject({ exitCode: 0, stdout: 'ran\n' });
  });
});

test('a guest without any folder to write to is told so', async () => {
  const opened = await running(target, host);
  await sh(opened.machine, 'mount -o remount,ro /tmp; mount -t tmpfs -o ro tmpfs /home');
  await expect(also(opened, 'agent', 'alice')).rejects.toMatchObject({
    code: 'GUEST_NO_TEMP_FOLDER',
    retryable: false,
    hint: expect.stringContaining('/tmp'),
  });
});
