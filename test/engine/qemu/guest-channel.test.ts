/**
 * The channels into real guests: a real kernel, sshd and guest agent at the other end, and the harm that befalls them.
 * What a channel does in good times is told at length by `guest-channel-examples.ts`, which looks at the guest's files from
 * this host and so cannot run here; the examples of the first part are those that a real guest may answer differently.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { qemuDriver } from '../../../drivers/qemu/driver.ts';
import { openQmp } from '../../../drivers/qemu/qmp.ts';
import { connectWhenThere } from '../../../drivers/qemu/unix-socket.ts';
import type { BaseTarget, PhaseTimeouts } from '../../../matrix/model.ts';
import type { GuestChannel } from '../../../src/guest/channel.ts';
import { connect } from '../../../src/guest/connect.ts';
import { fingerprint } from '../../../src/guest/ssh/host-key.ts';
import { collect } from '../../../src/guest/transfer/collect.ts';
import { packTree } from '../../../src/guest/transfer/pack.ts';
import { encodeTarHeader } from '../../../src/guest/transfer/tar-header.ts';
import type { Host } from '../../../src/host/host.ts';
import { createHostKeyPins } from '../../../src/run/host-keys.ts';
import { prepareTarget } from '../../../src/run/prepare-target.ts';
import { run } from '../../support/guest-channel-examples.ts';
import {
  CONTENTS,
  describeHere,
  makeTree,
  noise,
  outcome,
  reach,
  SHAPE,
} from '../../support/guest-in-qemu.ts';
import { prepare } from '../../support/guest-run.ts';
import { debianGuest, type Guest, tinyGuest } from '../../support/guests.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { testHost } from '../../support/test-host.ts';
import { debianTarget, type Opened, processesOf, running, sh, soon, tinyTarget, until } from './support.ts';

const MIB = 1024 ** 2;
type Kind = 'agent' | 'ssh';
const KINDS: Kind[] = ['agent', 'ssh'];
const LOST = {
  agent: { code: 'GUEST_AGENT_LOST', retryable: true },
  ssh: { code: 'GUEST_CONNECTION_LOST', retryable: true },
};

/** An ordinary user; and a clock that is years behind in every clone, as that of an old template is by and by. */
const READY = `set -e; umask 022
echo 'alice:x:1000:1000::/home/alice:/bin/sh' >>/etc/passwd
echo 'alice:x:1000:' >>/etc/group
echo 'alice:*:20000:0:99999:7:::' >>/etc/shadow
mkdir -p /home/alice; cp -r /root/.ssh /home/alice; chown -R 1000:1000 /home/alice
date -u -s '2021-01-01 00:00:00'`;

let tiny: Guest;
let host: Host;
let target: BaseTarget;

beforeAll(async () => {
  tiny = await tinyGuest();
  host = await testHost();
  target = await tinyTarget({}, { memory: 256 * MIB, guest: { key: tiny.key, ready: READY } });
  await prepare({ driver: qemuDriver, target, host });
});

interface Into extends Opened {
  channel: GuestChannel;
}

/** A channel into a clone of the test's own. */
async function into(kind: Kind, user = 'root'): Promise<Into> {
  const opened = await running(target, host);
  // Nobody but root may set the clock by ssh, and is told so; see below.
  return { ...opened, channel: await also(opened, kind, user, []) };
}

/** Another channel into the same guest. `notes` get what a person would be told. */
function also({ machine }: Opened, kind: Kind, user = 'root', notes?: string[]): Promise<GuestChannel> {
  const as = { ...target, guest: { ...target.guest, user } };
  return reach({ host, target: as, machine, kind, ...(notes ? { notes } : {}) });
}

const besides = (kind: Kind): Kind => (kind === 'agent' ? 'ssh' : 'agent');

/** Runs until its output has matched; `ended` is how it ends after that. */
async function started(channel: GuestChannel, script: string, pattern = /started/) {
  let stdout = '';
  const ended = outcome(
    channel.exec(
      { script, shell: 'sh', cwd: '.', env: {} },
      {
        onStdout: (chunk) => {
          stdout += chunk;
        },
        onStderr: () => {},
      },
      soon(),
    ),
  );
  const early = await Promise.race([
    ended,
    until(`output like ${pattern}`, async () => pattern.test(stdout)),
  ]);
  if (early !== undefined) throw new Error(`it ended early: ${JSON.stringify(early)}`);
  return { ended, heard: () => stdout };
}

async function packed(folder: string): Promise<Readable> {
  const file = join(await scratchFolder(), 'tree.tar');
  await packTree({ from: folder, exclude: [], gitignore: false, file, signal: soon() });
  return createReadStream(file);
}

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
    const beat = (name: string) => `i=0; while :; do i=$((i + 1)); echo $i >${name}; sleep 0.02; done`;
    const script = `(trap '' TERM; ${beat('stubborn')}) & (${beat('meek')}) & sleep 1; echo started; wait`;
    const abort = new AbortController();
    const exec = channel.exec(
      { script, shell: 'sh', cwd: 'beats', env: {} },
      { onStdout: () => abort.abort(new Error('enough')), onStderr: () => {} },
      abort.signal,
    );
    await expect(exec).rejects.toThrow('enough');
    const beats = async () => (await run(channel, 'cat beats/stubborn beats/meek')).stdout;
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

describe('a guest that boots slowly', () => {
  const cold = (append: string, options: Record<string, unknown> = {}) =>
    tinyTarget(
      { append: `${tiny.append} ${append}`, ...options },
      { memory: 128 * MIB, snapshot: 'none', guest: { key: tiny.key } },
    );

  test('is waited for by both channels, which say why; its key is pinned then', async () => {
    const slow = await cold('tiny.delay=4');
    const { machine } = await running(slow, host);
    const reasons: string[] = [];
    const onAttempt = (reason: string) => reasons.push(reason);
    const channels = await Promise.all(
      KINDS.map((kind) => reach({ host, target: slow, machine, kind, onAttempt })),
    );
    for (const channel of channels) {
      expect(await run(channel, 'echo up')).toMatchObject({ stdout: 'up\n' });
      const reason = channel.kind === 'agent' ? /^agent: .*not answered within/ : /^ssh: 127\.0\.0\.1:\d+/;
      expect(reasons).toContainEqual(expect.stringMatching(reason));
    }
    const pin = await createHostKeyPins(host.paths.state).get(machine.clean.identity);
    expect(pin).toBe(await hostKeyOfTiny());
  });

  test.each(KINDS)('and has no %s: the deadline tells the last reason', async (kind) => {
    const mute = await tinyTarget(
      { append: `${tiny.append} ${kind === 'agent' ? 'tiny.agent=0' : 'tiny.sshd=0'}` },
      { guest: { key: tiny.key, channel: kind } },
    );
    const context = { host, signal: soon() };
    const [probe, check] = [await qemuDriver.probe(context), await qemuDriver.check(mute, context)];
    const error = await prepareTarget(
      { target: mute, driver: qemuDriver, probe, check, notes: [] },
      {
        host,
        runId: 'test',
        pins: createHostKeyPins(host.paths.state),
        timeouts: { ...ENOUGH, boot: 1_000, connect: 1_000 },
        retries: 0,
        emit: () => {},
        signal: soon(),
      },
    );
    const reason = { agent: 'agent: the guest agent was lost: guest-sync', ssh: 'ssh: 127.0.0.1:' }[kind];
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      details: expect.stringContaining(`last answer by ${reason}`),
    });
    expect((await qemuDriver.check(mute, context)).needsPrepare).toBe(true);
  });
});

/** Milliseconds; those of a clean state are times four under emulation. */
const ENOUGH = Object.fromEntries(
  ['prepare', 'restore', 'boot', 'connect', 'upload', 'setup', 'run', 'collect', 'release'].map((phase) => [
    phase,
    60_000,
  ]),
) as unknown as PhaseTimeouts;

async function hostKeyOfTiny(): Promise<string> {
  const key = (await readFile(join(tiny.folder, 'ssh_host_ed25519.pub'), 'utf8')).split(' ')[1] as string;
  return fingerprint(Buffer.from(key, 'base64'));
}

test.each(KINDS)('files that commands make by %s are for all to read', async (kind) => {
  const { channel } = await into(kind);
  expect(await run(channel, 'umask')).toMatchObject({ stdout: '0022\n' });
});

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

test('another host key on the same port is refused', async () => {
  const opened = await running(target, host);
  const first = await also(opened, 'ssh');
  expect(first.hostKey).toBe(await hostKeyOfTiny());
  await first.close();
  // Makes itself a key when somebody asks for one.
  await sh(
    opened.machine,
    'kill "$(cat /run/dropbear.pid)"; sleep 0.2; dropbear -R -P /run/dropbear.pid </dev/null >/dev/null 2>&1',
  );
  await expect(also(opened, 'ssh')).rejects.toMatchObject({
    code: 'GUEST_HOST_KEY_CHANGED',
    retryable: false,
    message: expect.stringContaining(`not ${await hostKeyOfTiny()}`),
    hint: expect.stringContaining('host-key'),
  });
  const any = { ...target, guest: { ...target.guest, hostKey: 'any' } };
  const second = await reach({ host, target: any, machine: opened.machine, kind: 'ssh' });
  expect(second.hostKey).not.toBe(first.hostKey);
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

describe('on Debian', () => {
  async function debian(release: 12 | 13, kind: Kind) {
    const guest = await debianGuest(release);
    const base = debianTarget(guest);
    const target = { ...base, guest: { ...base.guest, key: guest.key, channel: kind } };
    await prepare({ driver: qemuDriver, target, host });
    return { target, ...(await running(target, host)) };
  }

  test('12, commands by agent are those of an ordinary user', async () => {
    const { target, machine } = await debian(12, 'agent');
    const tester = { ...target, guest: { ...target.guest, user: 'tester' } };
    const channel = await reach({ host, target: tester, machine, kind: 'agent' });
    const script = 'id -un; echo $HOME; pwd; touch /etc/mark || echo refused';
    expect(await run(channel, script)).toMatchObject({
      exitCode: 0,
      stdout: 'tester\n/home/tester\n/home/tester\nrefused\n',
    });
  });

  test('13, a wrong password is told, and keeps nobody out who has the right one', async () => {
    const { machine } = await debian(13, 'ssh');
    const access = await machine.access('ssh', soon());
    if (access.kind !== 'ssh') throw new Error(access.kind);
    const reasons: string[] = [];
    const logIn = (password: string) =>
      connect(
        access,
        {
          credentials: { user: 'tester', password },
          os: 'linux',
          onAttempt: (reason) => reasons.push(reason),
        },
        soon(),
      );
    await expect(logIn('wrong')).rejects.toMatchObject({
      code: 'GUEST_AUTH_FAILED',
      retryable: false,
      message: expect.stringContaining('does not let tester in'),
      hint: expect.stringContaining('password'),
    });
    expect(reasons).toContainEqual(expect.stringContaining('does not let tester in'));
    const channel = await logIn('tester');
    expect(await run(channel, 'id -un')).toMatchObject({ stdout: 'tester\n' });
    await channel.close();
  });
});
