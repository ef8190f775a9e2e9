/** How channels get into real guests: when one boots slowly, by which host key, as whom, by which password. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { qemuDriver } from '../../../drivers/qemu/driver.ts';
import type { PhaseTimeouts } from '../../../matrix/model.ts';
import { connect } from '../../../src/guest/connect.ts';
import { fingerprint } from '../../../src/guest/ssh/host-key.ts';
import { createHostKeyPins } from '../../../src/run/host-keys.ts';
import { prepareTarget } from '../../../src/run/prepare-target.ts';
import { run } from '../../support/guest-channel-examples.ts';
import { reach } from '../../support/guest-in-qemu.ts';
import { prepare } from '../../support/guest-run.ts';
import { debianGuest } from '../../support/guests.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { also, host, KINDS, type Kind, makeTemplate, target, tiny } from './clones.ts';
import { debianTarget, running, sh, soon, tinyTarget } from './support.ts';

beforeAll(makeTemplate);

const MIB = 1024 ** 2;

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
    const pin = await createHostKeyPins(host).get(machine.clean.identity);
    expect(pin).toBe(await hostKeyOfTiny());
  });

  test.each(KINDS)('and has no %s: the deadline tells the last reason', async (kind) => {
    const mute = await tinyTarget(
      { append: `${tiny.append} ${kind === 'agent' ? 'tiny.agent=0' : 'tiny.sshd=0'}` },
      { guest: { key: tiny.key, channel: kind } },
    );
    const context = { host, signal: soon() };
    const logs = await scratchFolder();
    const [probe, check] = [await qemuDriver.probe(context), await qemuDriver.check(mute, context)];
    const error = await prepareTarget(
      { target: mute, driver: qemuDriver, probe, check, passedOver: [], notes: [] },
      {
        host,
        runId: 'test',
        pins: createHostKeyPins(host),
        timeouts: { ...ENOUGH, boot: 1_000, connect: 1_000 },
        retries: 0,
        logs,
        emit: () => {},
        signal: soon(),
      },
    );
    const reason = { agent: 'agent: the guest agent was lost: guest-sync', ssh: 'ssh: 127.0.0.1:' }[kind];
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      details: expect.stringContaining(`last answer by ${reason}`),
    });
    expect((await readFile(join(logs, 'screen.png'))).subarray(1, 4).toString()).toBe('PNG');
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
