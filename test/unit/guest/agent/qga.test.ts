import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createQgaLink } from '../../../../src/guest/agent/qga.ts';
import { QgaConnection } from '../../../../src/guest/agent/qga-connection.ts';
import type { AgentLink } from '../../../../src/guest/channel.ts';
import { never } from '../../../support/guest-channel-examples.ts';
import { TestQga } from '../../../support/guest-qga.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const LOST = { code: 'GUEST_AGENT_LOST', retryable: true };

async function agent(): Promise<{ qga: TestQga; folder: string }> {
  const folder = await scratchFolder();
  await mkdir(join(folder, 'tmp'));
  return { qga: await TestQga.start({ folder }), folder };
}

async function connected(): Promise<{ qga: TestQga; link: AgentLink; folder: string }> {
  const { qga, folder } = await agent();
  const link = createQgaLink(qga.connect());
  onTestFinished(() => link.close());
  await link.ping(never);
  return { qga, link, folder };
}

describe('the connection', () => {
  async function bare() {
    const { qga } = await agent();
    const connection = new QgaConnection(qga.connect());
    onTestFinished(() => connection.close());
    const time = (deadline = 5_000, signal = never) =>
      connection.call('guest-get-time', undefined, { signal, deadline });
    return { qga, connection, time };
  }

  test('does not take a late answer for that of another question', async () => {
    const { qga, connection, time } = await bare();
    qga.onReply = (command) => (command === 'guest-ping' ? 300 : undefined);
    const late = connection.call('guest-ping', undefined, { signal: never, deadline: 100 });
    await expect(late).rejects.toMatchObject({ ...LOST, message: expect.stringContaining('guest-ping') });
    // The `{}` of the ping is still on its way.
    expect(await time()).toBeGreaterThan(1e18);
  });

  test('is back in step after an abort', async () => {
    const { qga, connection, time } = await bare();
    await time();
    qga.onReply = (command) => (command === 'guest-ping' ? 200 : undefined);
    const abort = new AbortController();
    const call = connection.call('guest-ping', undefined, { signal: abort.signal, deadline: 5_000 });
    await delay(50);
    abort.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    expect(await time()).toBeGreaterThan(1e18);
  });

  test('asks one question at a time, in order', async () => {
    const { qga, connection, time } = await bare();
    qga.onReply = () => 10;
    const answers = await Promise.all([
      time(),
      connection.call('guest-ping', undefined, { signal: never, deadline: 5_000 }),
      time(),
    ]);
    expect(answers).toEqual([expect.any(Number), {}, expect.any(Number)]);
    expect(qga.calls.map(({ command }) => command)).toEqual([
      'guest-sync-delimited',
      'guest-get-time',
      'guest-ping',
      'guest-get-time',
    ]);
  });

  test('lets nobody overtake a call that was given up while it waited', async () => {
    const { qga, connection, time } = await bare();
    qga.onReply = (command) => (command === 'guest-get-time' ? 150 : undefined);
    const first = time();
    const second = connection.call('guest-ping', undefined, { signal: never, deadline: 30 });
    await expect(second).rejects.toMatchObject(LOST);
    const third = time();
    expect(await Promise.all([first, third])).toEqual([expect.any(Number), expect.any(Number)]);
    expect(qga.count('guest-ping')).toBe(0);
  });

  test('pays no heed to noise and to answers that nobody asked for', async () => {
    const { qga, time } = await bare();
    await time();
    qga.onReply = () => {
      qga.say('\nDebian GNU/Linux 12 login: \n{"return": half');
      qga.say('\n');
      return 20;
    };
    expect(await time()).toBeGreaterThan(1e18);
    qga.onReply = () => undefined;
    qga.say(Buffer.from([0xff, ...Buffer.from('{"return": 12345}\n')]));
    expect(await time()).toBeGreaterThan(1e18);
  });

  test('asks again until an agent is there that swallowed the first questions', async () => {
    const { qga, time } = await bare();
    let swallowed = 0;
    qga.onReply = () => {
      swallowed += 1;
      return swallowed <= 2 ? 'swallow' : undefined;
    };
    expect(await time()).toBeGreaterThan(1e18);
    expect(qga.count('guest-sync-delimited')).toBe(3);
  });

  test('finds its step with an agent that takes longer than the questions are apart', async () => {
    const { qga, time } = await bare();
    qga.onReply = (command) => (command === 'guest-sync-delimited' ? 900 : undefined);
    expect(await time()).toBeGreaterThan(1e18);
    expect(qga.count('guest-get-time')).toBe(1);
  });

  test('is lost when it is closed, for calls under way and for later ones', async () => {
    const { qga, time } = await bare();
    await time();
    qga.onReply = () => 'swallow';
    const call = time();
    await delay(20);
    qga.hangUp();
    await expect(call).rejects.toMatchObject(LOST);
    await expect(time()).rejects.toMatchObject(LOST);
  });
});

describe('the link', () => {
  test('answers a ping soon, or not', async () => {
    const { qga, link } = await connected();
    qga.onReply = () => 'swallow';
    await expect(link.ping(never)).rejects.toMatchObject(LOST);
    qga.onReply = () => undefined;
    await link.ping(never);
  });

  test('runs programs without a shell', async () => {
    const { link } = await connected();
    const ended = async (argv: string[], options = {}) => {
      const handle = await link.start(argv, { capture: true, ...options }, never);
      for (;;) {
        const state = await link.poll(handle, never);
        if (state.exited)
          return { ...state, stdout: state.stdout.toString(), stderr: state.stderr.toString() };
        await delay(5);
      }
    };
    expect(await ended(['printf', '%s,', 'a b', '$HOME'])).toMatchObject({
      exitCode: 0,
      stdout: 'a b,$HOME,',
    });
    expect(await ended(['cat'], { input: Buffer.from('ü\n') })).toMatchObject({ stdout: 'ü\n' });
    expect(await ended(['/bin/sh', '-c', 'echo x >&2; exit 9'])).toMatchObject({
      exitCode: 9,
      stderr: 'x\n',
    });
    expect(await ended(['/bin/sh', '-c', 'kill -9 $$'])).toMatchObject({ signal: 9 });
    expect(await ended(['head', '-c', '20000000', '/dev/zero'])).toMatchObject({ truncated: true });
    await expect(link.start(['no-such-program'], { capture: true }, never)).rejects.toMatchObject({
      code: 'GUEST_AGENT_REFUSED',
      retryable: false,
      message: expect.stringContaining('no-such-program'),
    });
  });

  test('reads on with one call, and back with a seek', async () => {
    const { qga, link, folder } = await connected();
    const file = join(folder, 'file');
    await writeFile(file, '0123456789');
    const read = async (offset: number, length: number) =>
      (await link.read(file, offset, length, never)).toString();
    expect([await read(0, 4), await read(4, 4), await read(8, 4), await read(10, 4)]).toEqual([
      '0123',
      '4567',
      '89',
      '',
    ]);
    await writeFile(file, '0123456789abc');
    expect(await read(10, 4)).toBe('abc');
    expect(qga.count('guest-file-open')).toBe(1);
    expect(qga.count('guest-file-seek')).toBe(0);
    expect(await read(2, 2)).toBe('23');
    expect(qga.count('guest-file-seek')).toBe(1);
    await expect(link.read(join(folder, 'missing'), 0, 1, never)).rejects.toMatchObject({
      code: 'GUEST_AGENT_REFUSED',
    });
  });

  test('reads on after the agent was restarted', async () => {
    const { qga, link, folder } = await connected();
    const file = join(folder, 'file');
    await writeFile(file, '0123456789');
    await link.read(file, 0, 4, never);
    await qga.restart();
    expect((await link.read(file, 4, 4, never)).toString()).toBe('4567');
  });

  test('keeps few files open, and none when it is closed', async () => {
    const { qga, link, folder } = await connected();
    for (const name of ['a', 'b', 'c', 'd']) {
      await writeFile(join(folder, name), name);
      await link.read(join(folder, name), 0, 1, never);
    }
    expect(qga.openFiles).toBe(2);
    link.close();
    await expect.poll(() => qga.openFiles).toBe(0);
  });

  test('writes and appends, in pieces', async () => {
    const { qga, link, folder } = await connected();
    const file = join(folder, 'file');
    const large = Buffer.alloc(2.5 * link.chunk, 'x');
    await link.write(file, Buffer.from('old'), { append: false }, never);
    await link.write(file, large, { append: false }, never);
    await link.write(file, Buffer.from('end'), { append: true }, never);
    expect((await readFile(file)).equals(Buffer.concat([large, Buffer.from('end')]))).toBe(true);
    expect(qga.count('guest-file-write')).toBe(5);
    expect(qga.openFiles).toBe(0);
    await link.write(file, Buffer.alloc(0), { append: false }, never);
    expect(await readFile(file, 'utf8')).toBe('');
  });

  test('sets the clock, though `hwclock` fails after it', async () => {
    const { qga, link } = await connected();
    qga.clockOffset = -3_600_000;
    qga.hwclockFails = true;
    await link.setClock?.(Date.now(), never);
    expect(Math.abs(qga.clockOffset)).toBeLessThan(1_000);
  });

  test('says what policy forbids, and what to do', async () => {
    const { qga, link } = await connected();
    qga.disabled.add('guest-exec');
    await expect(link.start(['true'], { capture: false }, never)).rejects.toMatchObject({
      code: 'GUEST_AGENT_DISABLED',
      retryable: false,
      message: expect.stringContaining('guest-exec'),
      hint: expect.stringMatching(/BLOCK_RPCS.*FILTER_RPC_ARGS/),
    });
  });
});
