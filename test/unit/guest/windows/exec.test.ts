import { describe, expect, onTestFinished, test } from 'vitest';
import type { GuestChannel } from '../../../../src/guest/channel.ts';
import { connectExec } from '../../../../src/guest/exec/connect.ts';
import type { ExecLink } from '../../../../src/guest/exec/link.ts';
import {
  type OpenWindowsChannel,
  windowsChannelExamples,
} from '../../../support/windows-channel-examples.ts';
import { type WindowsGuest, windowsGuest } from '../../../support/windows-guest.ts';

describe("a channel by an engine's exec into Windows", () => {
  windowsChannelExamples(open);
});

async function open(): Promise<OpenWindowsChannel> {
  const guest = await windowsGuest();
  return { guest, channel: await connected(guest) };
}

test('says so when commands run as somebody else', async () => {
  await expect(connected(await windowsGuest(), 'somebody')).rejects.toMatchObject({ code: 'GUEST_USER' });
});

async function connected(guest: WindowsGuest, user = 'tester'): Promise<GuestChannel> {
  const channel = await connectExec(cmdLink(guest), { user, os: 'windows' }, AbortSignal.timeout(20_000));
  onTestFinished(() => channel.close());
  return channel;
}

/** An exec that gives its line to cmd.exe, and has nothing to say of exit codes. */
function cmdLink(guest: WindowsGuest): ExecLink {
  return {
    start: async (command) => {
      const child = guest.start('cmd.exe', `/c "${command}"`);
      const ended = new Promise<string>((resolve) => child.once('exit', () => resolve('cmd.exe ended')));
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        ended,
        end: () => child.kill('SIGKILL'),
      };
    },
  };
}
