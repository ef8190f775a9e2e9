import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ConnectOptions, GuestChannel } from '../../../../src/guest/channel.ts';
import { connect } from '../../../../src/guest/connect.ts';
import {
  type OpenWindowsChannel,
  run,
  windowsChannelExamples,
} from '../../../support/windows-channel-examples.ts';
import {
  type OpenSshOptions,
  PASSWORD,
  startOpenSsh,
  type WindowsGuest,
  windowsGuest,
} from '../../../support/windows-guest.ts';

describe('a channel by SSH into Windows', () => {
  windowsChannelExamples(open);
});

async function open(): Promise<OpenWindowsChannel> {
  const guest = await windowsGuest();
  return { guest, channel: await connected(guest) };
}

async function connected(
  guest: WindowsGuest,
  options: OpenSshOptions = {},
  more: Partial<ConnectOptions> = {},
): Promise<GuestChannel> {
  const { port } = await startOpenSsh(guest, options);
  const channel = await connect(
    { kind: 'ssh', host: '127.0.0.1', port },
    { credentials: { user: 'tester', password: PASSWORD }, os: 'windows', ...more },
    AbortSignal.timeout(20_000),
  );
  onTestFinished(() => channel.close());
  return channel;
}

test.each(['cmd', 'powershell', 'bash'] as const)(
  'the login shell may be %s, and print what it likes',
  async (shell) => {
    const channel = await connected(await windowsGuest(), { shell, noise: 'Welcome!\r\n' });
    expect(await run(channel, 'console.log("out"); process.exitCode = 3')).toMatchObject({
      exitCode: 3,
      stdout: 'out\n',
    });
  },
);

test('says so when the login shell changes bytes', async () => {
  await expect(connected(await windowsGuest(), { mangles: true })).rejects.toMatchObject({
    code: 'GUEST_SHELL_UNSUITABLE',
    hint: expect.stringContaining('DefaultShell'),
  });
});

test('remembers the guest', async () => {
  const guest = await windowsGuest();
  const { memory } = await connected(guest);
  guest.setFaults('no-temp');
  const again = await connected(guest, {}, memory === undefined ? {} : { memory });
  expect(again.memory).toBe(memory);
});

test('takes another folder than one with blanks, and says so when there is none', async () => {
  const guest = await windowsGuest();
  guest.setFaults('odd-temp');
  const channel = await connected(guest);
  expect((await run(channel, 'console.log(__filename)')).stdout).toContain(
    join(guest.drive, 'Windows/Temp/.vmtest-'),
  );
  guest.setFaults('no-temp');
  await expect(connected(guest)).rejects.toMatchObject({
    code: 'GUEST_NO_TEMP_FOLDER',
    hint: expect.stringContaining('C:\\ProgramData'),
  });
});

test('sets the clock, and says whose right that is', async () => {
  const guest = await windowsGuest();
  const channel = await connected(guest);
  const { signal } = new AbortController();
  await channel.setClock(signal);
  await expect(stat(join(guest.drive, 'date'))).rejects.toMatchObject({ code: 'ENOENT' });
  const now = Date.now() + 3_600_000;
  vi.spyOn(Date, 'now').mockReturnValue(now);
  onTestFinished(() => void vi.restoreAllMocks());
  await channel.setClock(signal);
  expect(await readFile(join(guest.drive, 'date'), 'utf8')).toBe(String(now));
  guest.setFaults('no-clock');
  await expect(channel.setClock(signal)).rejects.toMatchObject({
    code: 'GUEST_CLOCK',
    hint: expect.stringContaining('Administrators'),
  });
});

test('a session that breaks off is a lost guest', async () => {
  const guest = await windowsGuest();
  const server = await startOpenSsh(guest);
  const channel = await connect(
    { kind: 'ssh', host: '127.0.0.1', port: server.port },
    { credentials: { user: 'tester', password: PASSWORD }, os: 'windows' },
    AbortSignal.timeout(20_000),
  );
  const script = 'console.log("begun"); setInterval(() => {}, 1000)';
  const lost = channel.exec(
    { script, shell: 'node {0}', cwd: '.', env: {} },
    { onStdout: () => server.connections[0]?.end(), onStderr: () => {} },
    new AbortController().signal,
  );
  await expect(lost).rejects.toMatchObject({ code: 'GUEST_CONNECTION_LOST', retryable: true });
  await channel.close();
});
