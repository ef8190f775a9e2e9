/** The channel on `prlctl exec`, with this host's own shell where the guest's would be. */
import { access, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createParallelsLink } from '../../../../drivers/parallels/agent-link.ts';
import { connect } from '../../../../src/guest/connect.ts';
import { exec } from '../../../../src/host/exec.ts';
import { channelExamples, never, type OpenChannel, run } from '../../../support/guest-channel-examples.ts';
import { type Manners, type PrlctlExecHost, prlctlExecHost } from '../../../support/prlctl-exec.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const VM = { id: '{6e3d9f5c-0000-0000-0000-000000000000}', name: 'Windows "11" – 100 %' };
const STALE = 'PrlVmGuest_RunProgram: Invalid argument';

describe('a channel by `prlctl exec`', () => {
  channelExamples(openKind);
});

test('swallowed output and stale channels cost time, and nothing else', async () => {
  const { channel, calls } = await openWith({
    lossy: true,
    fails: (call) => (call % 4 === 0 ? STALE : undefined),
  });
  expect(await run(channel, 'echo out; echo err >&2; exit 3')).toEqual({
    exitCode: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  expect(calls.length).toBeGreaterThan(4);
});

test('a program is started once, however often its answer gets lost', async () => {
  const folder = await scratchFolder();
  // A start takes effect, but what it says is swallowed until it is asked to wait.
  const { host } = prlctlExecHost({ PATH: process.env['PATH'] ?? '' }, { lossy: true });
  const link = createParallelsLink(host, VM);
  const handle = await link.start(['mkdir', join(folder, 'made')], { capture: true }, never);
  let state = await link.poll(handle, never);
  while (!state.exited) state = await link.poll(handle, never);
  expect(state).toMatchObject({ exitCode: 0, truncated: false });
  await link.close(true);
  await expect(access(handle)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('of a program that is not waited for, nobody stays to tell its end', async () => {
  const { host } = prlctlExecHost({ PATH: process.env['PATH'] ?? '' });
  const link = createParallelsLink(host, VM);
  const handle = await link.start(['sleep', '0.2'], { capture: false }, never);
  const waiting = async () => (await exec(['pgrep', '-f', `${handle}/job`])).stdout;
  expect(await waiting()).not.toBe('');
  await link.close(true);
  expect(await waiting()).toBe('');
});

test('no argument needs quoting or grows, and the VM is named by its id', async () => {
  const { channel, calls } = await openWith({});
  await run(channel, `# ${'x'.repeat(10_000)}\ntrue`, { env: { ODD: `'"$(id)` } });
  for (const { args } of calls) expect(args).toEqual(['exec', VM.id, '/bin/sh']);
});

test.each([
  [`Unable to perform the operation because "${VM.name}" is not started.`, 1],
  ['Unable to open new session in this virtual machine. Make sure your virtual machine has', 5],
])('a guest that is gone is lost: %s', async (text, tries) => {
  const { host, calls } = prlctlExecHost({}, { fails: () => text });
  const link = createParallelsLink(host, VM);
  await expect(link.read('/etc/hostname', 0, 10, never)).rejects.toMatchObject({
    code: 'GUEST_AGENT_LOST',
    retryable: true,
  });
  expect(calls).toHaveLength(tries);
  // A ping says at once how it is.
  await expect(link.ping(never)).rejects.toMatchObject({ code: 'GUEST_AGENT_LOST' });
  expect(calls).toHaveLength(tries + 1);
});

test('a guest that was restarted knows nothing of its programs', async () => {
  const { host } = prlctlExecHost({});
  const link = createParallelsLink(host, VM);
  await expect(link.poll('/tmp/.vmtest-0000', never)).rejects.toMatchObject({ code: 'GUEST_AGENT_LOST' });
});

async function openKind(): Promise<OpenChannel> {
  return openWith({});
}

async function openWith(manners: Manners): Promise<OpenChannel & PrlctlExecHost> {
  const temporary = join(await scratchFolder(), 'tmp');
  await mkdir(temporary);
  const env = { PATH: process.env['PATH'] ?? '', TMPDIR: temporary, HOME: process.env['HOME'] ?? '' };
  const host = prlctlExecHost(env, manners);
  const link = createParallelsLink(host.host, VM);
  const channel = await connect(
    { kind: 'agent', link },
    { credentials: { user: userInfo().username }, os: 'linux' },
    never,
  );
  onTestFinished(() => channel.close());
  return { channel, temporary, ...host };
}
