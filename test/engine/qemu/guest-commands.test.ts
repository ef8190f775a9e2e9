/**
 * Commands and files in real guests. What a channel does in good times is told at length by `guest-channel-examples.ts`,
 * which looks at the guest's files from this host and so cannot run here; these examples are those that a real guest may
 * answer differently.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { collect } from '../../../src/guest/transfer/collect.ts';
import { run } from '../../support/guest-channel-examples.ts';
import { CONTENTS, describeHere, makeTree, noise, SHAPE } from '../../support/guest-in-qemu.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { also, host, into, KINDS, type Kind, makeTemplate, packed, started, target } from './clones.ts';
import { running, sh, soon } from './support.ts';

beforeAll(makeTemplate);

const besides = (kind: Kind): Kind => (kind === 'agent' ? 'ssh' : 'agent');

describe.each([
  ['agent', 'root', '/root'],
  ['ssh', 'root', '/root'],
  ['agent', 'alice', '/home/alice'],
  ['ssh', 'alice', '/home/alice'],
] as const)('by %s as %s', (kind, user, home) => {
  test('a command has its user, home, exit, outputs and no stdin', async () => {
    const { channel } = await into(kind, user);
    const script =
      'id -un; id -u; echo "$HOME $USER"; pwd; cat; echo err >&2; touch /etc/mark 2>/dev/null || echo refused; exit 3';
    const [id, refusal] = user === 'root' ? [0, ''] : [1000, 'refused\n'];
    expect(await run(channel, script)).toEqual({
      exitCode: 3,
      stdout: `${user}\n${id}\n${home} ${user}\n${home}\n${refusal}`,
      stderr: 'err\n',
    });
    expect(await run(channel, 'kill -KILL $$')).toMatchObject({ signal: 'SIGKILL' });
  });

  test('variables and scripts may be of any size and kind', async () => {
    const { channel } = await into(kind, user);
    const odd = '\'"$(id)`id`\\ ü€😀\t\n\n-n';
    const script = `# ${'y'.repeat(200_000)}\nprintf '%s|%s|%s' "$ODD" "\${#LONG}" "$EMPTY"; pwd`;
    const cwd = `${home}/new 'one/-x`;
    const env = { ODD: odd, LONG: 'x'.repeat(100_000), EMPTY: '' };
    expect((await run(channel, script, { env, cwd })).stdout).toBe(`${odd}|100000|${cwd}\n`);
  });

  test('it is told when it is not the command that failed', async () => {
    const { channel } = await into(kind, user);
    await expect(run(channel, 'true', { cwd: '/proc/version/x' })).rejects.toMatchObject({
      code: 'GUEST_CWD',
    });
    await expect(run(channel, 'true', { shell: 'pwsh' })).rejects.toMatchObject({
      code: 'GUEST_SHELL_MISSING',
    });
    expect(await run(channel, 'exit 125')).toMatchObject({ exitCode: 125 });
  });

  test('output comes while the command runs, which does not wait for what it leaves behind', async () => {
    const guest = await into(kind, user);
    const other = await also(guest, besides(kind));
    const script = 'echo started; while [ ! -e /tmp/stop ]; do sleep 0.05; done; sleep 1000 & echo late';
    const { ended, heard } = await started(guest.channel, script);
    expect(heard()).toBe('started\n');
    await run(other, 'touch /tmp/stop');
    expect(await ended).toEqual({ resolved: { exitCode: 0 } });
    expect(heard()).toBe('started\nlate\n');
  });

  test('an abort ends the whole process group, also what ignores TERM', async () => {
    const { channel } = await into(kind, user);
    const beat = (name: string) => `while :; do echo beat >>${name}; sleep 0.02; done`;
    const script = `(trap '' TERM; ${beat('stubborn')}) & (${beat('meek')}) & sleep 1; echo started; wait`;
    const abort = new AbortController();
    const exec = channel.exec(
      { script, shell: 'sh', cwd: 'beats', env: {} },
      { onStdout: () => abort.abort(new Error('enough')), onStderr: () => {} },
      abort.signal,
    );
    await expect(exec).rejects.toThrow('enough');
    const beats = async () => (await run(channel, 'wc -l <beats/stubborn; wc -l <beats/meek')).stdout;
    const before = await beats();
    expect(before).toMatch(/^\d+\n\d+\n$/);
    await delay(500);
    expect(await beats()).toBe(before);
  });

  test("a tree that is put in is the user's own", async () => {
    const { channel } = await into(kind, user);
    const here = await scratchFolder();
    await mkdir(join(here, 'sub'));
    await writeFile(join(here, 'sub', 'file'), 'text', { mode: 0o700 });
    await channel.upload(await packed(here), 'tree', soon());
    const script = "stat -c '%U %a %n' sub/file; stat -c %U . sub";
    const { stdout } = await run(channel, script, { cwd: 'tree' });
    expect(stdout).toBe(`${user} 700 sub/file\n${user}\n${user}\n`);
  });

  test('nothing is left behind', async () => {
    const { channel, machine } = await into(kind, user);
    // The template's channels have run one command at most.
    const list = 'ls /tmp/.vmtest-*/*-2.pid';
    await run(channel, 'head -c 3000000 /dev/zero');
    expect((await run(channel, list)).stdout).toMatch(/^\/tmp\/.vmtest-\w+\/\w+-2\.pid\n$/);
    await channel.close();
    expect(await sh(machine, list)).toBe('');
  });
});

test.each(KINDS)('a tree of 8 MB goes in by %s and comes back byte for byte', async (kind) => {
  const { channel } = await into(kind);
  const here = await scratchFolder();
  await makeTree(here);
  await channel.upload(await packed(here), 'tree', soon());
  const there = async (script: string) => (await run(channel, script, { cwd: 'tree' })).stdout;
  const contents = await describeHere(here, CONTENTS);
  expect(contents.split('\n').length).toBeGreaterThan(400);
  expect(await there(CONTENTS)).toBe(contents);
  expect(await there(SHAPE)).toBe(await describeHere(here, SHAPE));

  const back = await scratchFolder();
  const { refused, notes } = await collect({
    channel,
    folder: 'tree',
    globs: ['**'],
    into: back,
    signal: soon(),
  });
  expect({ refused, notes }).toEqual({ refused: [], notes: [] });
  expect(await describeHere(back, CONTENTS)).toBe(contents);
});

test.each(KINDS)('25 MB of output by %s come whole and in order', async (kind) => {
  const { channel } = await into(kind);
  const block = noise(1_666_664, 'block');
  const here = await scratchFolder();
  await writeFile(join(here, 'block'), block);
  await channel.upload(await packed(here), '/tmp/b', soon());
  const expected = createHash('sha256');
  for (let i = 0; i < 15; i += 1) expected.update(`${i}\n`).update(block);
  const seen = createHash('sha256');
  let bytes = 0;
  const exit = await channel.exec(
    { script: 'for i in $(seq 0 14); do echo $i; cat block; done', shell: 'sh', cwd: '/tmp/b', env: {} },
    {
      onStdout: (chunk) => {
        bytes += chunk.length;
        seen.update(chunk);
      },
      onStderr: () => {},
    },
    soon(),
  );
  expect({ exit, bytes }).toEqual({ exit: { exitCode: 0 }, bytes: 24_999_995 });
  expect(seen.digest('hex')).toBe(expected.digest('hex'));
});

test.each(KINDS)('files that commands make by %s are for all to read', async (kind) => {
  const { channel } = await into(kind);
  expect(await run(channel, 'umask')).toMatchObject({ stdout: '0022\n' });
});

test("a command whose start takes long does not get another one's output", async () => {
  const opened = await running(target, host);
  // Such as a guest that starves. What the template's commands printed still lies in its private folder.
  const slow = '#!/bin/busybox sh\\nsleep 2\\nexec /bin/busybox sh "$@"\\n';
  await sh(opened.machine, `printf '${slow}' >/tmp/sh; chmod 755 /tmp/sh; mv /tmp/sh /bin/sh`);
  const channel = await also(opened, 'agent');
  expect(await run(channel, 'echo a line that is longer than what a template printed')).toEqual({
    exitCode: 0,
    stdout: 'a line that is longer than what a template printed\n',
    stderr: '',
  });
});
