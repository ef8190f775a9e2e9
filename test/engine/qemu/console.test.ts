import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { create } from 'tar';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Machine } from '../../../drivers/driver.ts';
import type { ConnectOptions, GuestChannel } from '../../../src/guest/channel.ts';
import { connect } from '../../../src/guest/connect.ts';
import { SERVER_VERSION } from '../../../src/guest/console/server-script.ts';
import { run } from '../../support/guest-channel-examples.ts';
import { debianGuest } from '../../support/guests.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { testHost } from '../../support/test-host.ts';
import { consoleOf, debianTarget, open, prepare, running, soon, tinyTarget } from './support.ts';

/** No network card, no agent: nothing but the serial line. */
const alone = (append = '') => ({
  network: 'none',
  agent: false,
  append: `console=ttyS0 quiet tiny.sshd=0 tiny.agent=0 ${append}`.trim(),
});

async function channelOf(machine: Machine, options: Partial<ConnectOptions> = {}): Promise<GuestChannel> {
  const access = await machine.access('console', soon());
  if (access.kind !== 'console') throw new Error(`not a console: ${access.kind}`);
  const channel = await connect(
    access,
    { credentials: { user: 'root', password: 'tiny' }, os: 'linux', ...options },
    soon(),
  );
  onTestFinished(() => channel.close(false));
  return channel;
}

describe('the console of a busybox guest', () => {
  test('runs commands while it boots, in its shell', async () => {
    const target = await tinyTarget(alone(), { snapshot: 'none' });
    const opened = await running(target, await testHost());
    const channel = await channelOf(opened.machine);
    await channel.setClock(soon());
    expect(await run(channel, 'echo hello; echo err >&2; exit 3', { cwd: '/root' })).toEqual({
      exitCode: 3,
      stdout: 'hello\n',
      stderr: 'err\n',
    });
    expect(await run(channel, 'kill -INT $$; echo alive')).toEqual({
      signal: 'SIGINT',
      stdout: '',
      stderr: '',
    });
    const { stdout } = await run(channel, 'date -u +%s; cat /dev/tty 2>&1');
    expect(Math.abs(Number(stdout.split('\n')[0]) - Date.now() / 1000)).toBeLessThan(60);
    expect(await consoleOf(opened)).toContain('tiny: ready');
  });

  test('goes on while the kernel talks', async () => {
    const opened = await running(await tinyTarget(alone(), { snapshot: 'none' }), await testHost());
    const channel = await channelOf(opened.machine);
    const noise = 'while [ ! -e /tmp/stop ]; do echo "<0>noise on the line" >/dev/kmsg; sleep 0.02; done';
    await run(channel, `(${noise}) >/dev/null 2>&1 </dev/null & echo started`);
    const bytes = 200_000;
    const { stdout } = await run(channel, `head -c ${bytes} /dev/zero | tr '\\0' z`);
    expect(stdout).toBe('z'.repeat(bytes));
    await run(channel, 'touch /tmp/stop');
    expect(await consoleOf(opened)).toContain('noise on the line');
  });

  test('answers a login prompt, and a wrong password is final', async () => {
    const opened = await running(
      await tinyTarget(alone('tiny.login=1'), { snapshot: 'none' }),
      await testHost(),
    );
    const credentials = { user: 'root', password: 'wrong' };
    await expect(channelOf(opened.machine, { credentials })).rejects.toMatchObject({
      code: 'GUEST_AUTH_FAILED',
      retryable: false,
    });
    const channel = await channelOf(opened.machine);
    expect(await run(channel, 'id -un')).toMatchObject({ exitCode: 0, stdout: 'root\n' });
  });

  test('carries trees both ways', async () => {
    const opened = await running(await tinyTarget(alone(), { snapshot: 'none' }), await testHost());
    const channel = await channelOf(opened.machine);
    const here = await scratchFolder();
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * index) % 251));
    await writeFile(join(here, 'big'), content);
    const tar = Readable.from(create({ cwd: here, portable: true }, ['.']), { objectMode: false });
    await channel.upload(tar, 'there', soon());
    expect(await channel.list('there', soon())).toEqual(['big']);
    const archive = Buffer.concat(await (await channel.download('there', ['big'], soon())).toArray());
    expect(archive.includes(content)).toBe(true);
  });

  test('is lost with the guest, never an exit', async () => {
    const opened = await running(await tinyTarget(alone(), { snapshot: 'none' }), await testHost());
    const channel = await channelOf(opened.machine);
    const command = run(channel, 'sleep 0.5; poweroff -f; sleep 60');
    await expect(command).rejects.toMatchObject({ code: 'GUEST_CONSOLE_LOST', retryable: true });
  });

  test('is lost with a guest that starts anew', async () => {
    const opened = await running(await tinyTarget(alone(), { snapshot: 'none' }), await testHost());
    const channel = await channelOf(opened.machine);
    const command = run(channel, 'sleep 0.5; reboot -f; sleep 60');
    await expect(command).rejects.toMatchObject({ code: 'GUEST_CONSOLE_LOST', retryable: true });
  });

  test('is in step at once in a clone of a running template', async () => {
    const target = await tinyTarget(alone(`tiny.clone=${SERVER_VERSION}`));
    const host = await testHost();
    const settle = async (machine: Machine) => {
      const access = await machine.access('console', soon());
      if (access.kind !== 'console') throw new Error(access.kind);
      const channel = await connect(access, { credentials: { user: 'root' }, os: 'linux' }, soon());
      const { memory = '' } = channel;
      await run(channel, 'touch /root/in-the-template');
      await channel.close(false);
      return { channels: ['console' as const], memory: { console: memory } };
    };
    await prepare(target, host, { settle });
    const { machine } = await open(target, host);
    const access = await machine.access('console', soon());
    const memory = machine.clean.facts.memory?.console;
    if (access.kind !== 'console' || memory === undefined) throw new Error('no console');
    const sent: Buffer[] = [];
    const write = access.stream.write.bind(access.stream);
    access.stream.write = ((chunk: string, ...rest: []) => {
      sent.push(Buffer.from(chunk));
      return write(chunk, ...rest);
    }) as typeof access.stream.write;
    await machine.start(soon());
    const channel = await connect(access, { credentials: { user: 'root' }, os: 'linux', memory }, soon());
    const requests = () =>
      Buffer.concat(sent)
        .toString()
        .match(/^[:=@]/gm)?.length;
    expect(requests()).toBe(1);
    expect(await run(channel, 'ls /root')).toMatchObject({ stdout: 'in-the-template\n' });
    const closed = once(access.stream, 'close');
    await channel.close();
    await closed;
  });
});

test('the console of a Debian guest: systemd talks, `login` asks, bash answers', async () => {
  const target = { ...debianTarget(await debianGuest(12), { agent: false }), snapshot: 'none' };
  const { machine } = await running(target, await testHost());
  const channel = await channelOf(machine, { credentials: { user: 'tester', password: 'tester' } });
  expect(await run(channel, 'id -un; echo "$HOME $BASH_VERSION"; exit 3', { shell: 'bash' })).toMatchObject({
    exitCode: 3,
    stdout: expect.stringMatching(/^tester\n\/home\/tester 5\./),
  });
  expect(await run(channel, 'kill -INT $$')).toMatchObject({ signal: 'SIGINT' });
});
