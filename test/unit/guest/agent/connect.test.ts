import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseIdentity } from '../../../../src/guest/agent/identity.ts';
import { createQgaLink } from '../../../../src/guest/agent/qga.ts';
import type { ConnectOptions } from '../../../../src/guest/channel.ts';
import { connect } from '../../../../src/guest/connect.ts';
import { never, run } from '../../../support/guest-channel-examples.ts';
import { guestClock } from '../../../support/guest-clock.ts';
import { TestQga } from '../../../support/guest-qga.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const me = userInfo().username;
const isRoot = process.getuid?.() === 0;

async function agent(env: Record<string, string | undefined> = {}): Promise<TestQga> {
  const folder = await scratchFolder();
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  await chmod(folder, 0o755);
  await chmod(temporary, 0o1777);
  return TestQga.start({ folder, env: { TMPDIR: temporary, ...env } });
}

async function open(qga: TestQga, options: Partial<ConnectOptions> = {}, signal = never) {
  const link = createQgaLink(qga.connect());
  const channel = await connect(
    { kind: 'agent', link },
    { credentials: { user: me }, os: 'linux', ...options },
    signal,
  );
  onTestFinished(() => channel.close());
  return channel;
}

test('waits for an agent that is not there yet, and says so', async () => {
  const qga = await agent();
  qga.onReply = () => 'swallow';
  const attempts: string[] = [];
  const opening = open(qga, { onAttempt: (reason) => attempts.push(reason) });
  while (attempts.length === 0) await delay(20);
  qga.onReply = () => undefined;
  expect(await run(await opening, 'echo in')).toMatchObject({ stdout: 'in\n' });
  expect(attempts[0]).toContain('guest-sync was not answered within 2 s');
});

test('goes on after a command that has wiped the temporary files', async () => {
  const qga = await agent();
  const channel = await open(qga);
  await run(channel, 'rm -rf "$TMPDIR"/*', { cwd: '/' });
  expect(await run(channel, 'sleep 0.8; rm -rf "$TMPDIR"/.v*; echo last', { cwd: '/' })).toMatchObject({
    stdout: 'last\n',
  });
  expect(await run(channel, 'echo fine', { cwd: '/' })).toMatchObject({ stdout: 'fine\n' });
});

test('uploads after a command that has wiped the temporary files', async () => {
  const qga = await agent();
  const channel = await open(qga);
  await run(channel, 'sleep 0.8; rm -rf "$TMPDIR"/.v*', { cwd: '/' });
  const to = join(qga.path, '../in');
  const tar = spawnSync('tar', ['-cf', '-', '-C', import.meta.dirname, 'qga.test.ts']).stdout;
  await channel.upload(Readable.from([tar]), to, never);
  expect(await readdir(to)).toEqual(['qga.test.ts']);
});

test('says so when output cannot be kept', async () => {
  const qga = await agent();
  const channel = await open(qga);
  const temporary = join(qga.path, '../tmp');
  await rm(temporary, { recursive: true });
  await writeFile(temporary, '');
  await expect(run(channel, 'echo lost', { cwd: '/' })).rejects.toMatchObject({ code: 'GUEST_NO_SPACE' });
});

test('needs few round trips', async () => {
  const qga = await agent();
  await open(qga);
  expect(
    qga.calls.map(({ command }) => command).filter((command) => command !== 'guest-exec-status'),
  ).toEqual(['guest-sync-delimited', 'guest-exec']);
});

test('ends with the signal, and closes the link', async () => {
  const qga = await agent();
  qga.onReply = () => 'swallow';
  const abort = new AbortController();
  const opening = open(qga, {}, abort.signal);
  setTimeout(() => abort.abort(new Error('out of time')), 100);
  await expect(opening).rejects.toThrow('out of time');
});

test('is final where policy forbids what is needed', async () => {
  const qga = await agent();
  qga.disabled.add('guest-exec');
  await expect(open(qga)).rejects.toMatchObject({ code: 'GUEST_AGENT_DISABLED', retryable: false });
});

describe('the clock', () => {
  const hourAgo = () => Math.round(Date.now() / 1000) - 3600;
  const isRight = (seconds: number) => Math.abs(seconds - Date.now() / 1000) < 60;

  test('is set while the guest is looked at', async () => {
    const { env, now } = await guestClock({ date: 'gnu', clock: hourAgo() });
    const qga = await agent(env);
    const channel = await open(qga);
    expect(await now()).toSatisfy(isRight);
    const calls = qga.calls.length;
    await channel.setClock(never);
    expect(qga.calls).toHaveLength(calls);
  });

  test.each(isRoot ? [me, 'nobody'] : [me])(
    'is set in front of the first command where the guest is known (%s)',
    async (user) => {
      const { env, now, set } = await guestClock({ date: 'gnu', clock: hourAgo() });
      const qga = await agent(env);
      const credentials = { user };
      const { memory = '' } = await open(qga, { credentials });
      await set(hourAgo());
      const channel = await open(qga, { credentials, memory });
      await channel.setClock(never);
      const { stdout } = await run(channel, 'date -u +%s; id -un', { cwd: '/' });
      const [seconds, name] = stdout.trim().split('\n');
      expect(Number(seconds)).toSatisfy(isRight);
      expect(name).toBe(user);
      await set(5);
      await run(channel, 'true', { cwd: '/' });
      expect(await now()).toBe(5);
    },
  );

  test('is set by the call where `date` cannot', async () => {
    const { env } = await guestClock({ date: 'powerless', clock: hourAgo() });
    const qga = await agent(env);
    qga.clockOffset = -3_600_000;
    await (await open(qga)).setClock(never);
    expect(Math.abs(qga.clockOffset)).toBeLessThan(1_000);
  });

  test('is set in another way of `date`, or it is said', async () => {
    const bsd = await guestClock({ date: 'bsd', clock: hourAgo() });
    const powerless = await guestClock({ date: 'powerless', clock: hourAgo() });
    const opened = async (env: NodeJS.ProcessEnv) => {
      const qga = await agent(env);
      qga.disabled.add('guest-set-time');
      return open(qga);
    };
    await (await opened(bsd.env)).setClock(never);
    expect(await bsd.now()).toSatisfy(isRight);
    await expect((await opened(powerless.env)).setClock(never)).rejects.toMatchObject({
      code: 'GUEST_CLOCK',
    });
  });
});

test('a guest that dies under a command is lost, not failed', async () => {
  const qga = await agent();
  const channel = await open(qga);
  const command = run(channel, 'sleep 100');
  setTimeout(() => qga.hangUp(), 200);
  await expect(command).rejects.toMatchObject({ code: 'GUEST_AGENT_LOST', retryable: true });
  await channel.close();
});

test('an agent that falls silent for a while loses nothing', async () => {
  const qga = await agent();
  const channel = await open(qga);
  let calls = 0;
  qga.onReply = () => {
    calls += 1;
    return calls % 3 === 0 ? 120 : undefined;
  };
  const script = 'i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo $i; sleep 0.02; done';
  const { stdout } = await run(channel, script);
  expect(stdout.trim().split('\n')).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
});

describe('who commands run as', () => {
  const nobody = { credentials: { user: 'nobody' } };

  test('has his own HOME', async () => {
    for (const env of [
      { HOME: '/wrong', USER: 'wrong' },
      { HOME: undefined, USER: undefined, LOGNAME: undefined },
    ]) {
      const channel = await open(await agent(env));
      const { stdout } = await run(channel, 'echo "$HOME" "$USER" "$LOGNAME"', { cwd: '/' });
      expect(stdout).toBe(`${userInfo().homedir} ${me} ${me}\n`);
      await channel.close();
    }
  });

  /** A PATH with all programs but some. */
  async function without(...hidden: string[]): Promise<string> {
    const folder = join(await scratchFolder(), 'bin');
    await mkdir(folder);
    await chmod(join(folder, '..'), 0o755);
    for (const programs of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
      for (const name of await readdir(programs)) {
        if (!hidden.includes(name)) await symlink(join(programs, name), join(folder, name)).catch(() => {});
      }
    }
    return folder;
  }

  test.skipIf(!isRoot || process.platform !== 'linux')(
    'can be another user, by setpriv, runuser or su',
    async () => {
      for (const hidden of [[], ['setpriv'], ['setpriv', 'runuser']]) {
        const path = hidden.length === 0 ? (process.env['PATH'] ?? '') : await without(...hidden);
        const channel = await open(await agent({ PATH: path }), nobody);
        const cwd = '/tmp';
        expect(await run(channel, 'id -un; id -G; echo $HOME; exit 3', { cwd })).toMatchObject({
          exitCode: 3,
          stdout: expect.stringMatching(/^nobody\n65534\n\/nonexistent\n$/),
        });
        const folder = await scratchFolder();
        await chmod(folder, 0o777);
        const tar = spawnSync('tar', ['-cf', '-', '-C', import.meta.dirname, 'qga.test.ts']).stdout;
        await channel.upload(Readable.from([tar]), join(folder, 'in'), never);
        expect((await run(channel, `stat -c %U ${folder}/in/qga.test.ts`, { cwd })).stdout).toBe('nobody\n');
        await channel.close();
      }
    },
  );

  test('must exist', async () => {
    const qga = await agent();
    const unknown = open(qga, { credentials: { user: 'no-such-user' } });
    await expect(unknown).rejects.toMatchObject({ code: 'GUEST_USER', retryable: false });
    for (const user of ['', 'a b', '$(id)', '-u', 'x;y']) {
      await expect(open(qga, { credentials: { user } })).rejects.toMatchObject({ code: 'GUEST_USER' });
    }
  });

  test('cannot be changed without a tool for it', () => {
    const answer = 'T agent=agent\nT uid=1000\nT gid=1000\nT home=/home/tester\nT tool=none\n';
    expect(() => parseIdentity(answer, 'T', 'tester', 'linux')).toThrow(
      expect.objectContaining({
        code: 'GUEST_USER',
        message: 'the guest agent runs as agent and cannot become tester',
      }),
    );
  });
});
