import { readFile, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AgentLink, AgentPoll, GuestChannel } from '../../../../src/guest/channel.ts';
import { connect } from '../../../../src/guest/connect.ts';
import { VmtestError } from '../../../../src/host/errors.ts';
import { exitCodeOf } from '../../../standins/windows/programs.ts';
import {
  type OpenWindowsChannel,
  windowsChannelExamples,
} from '../../../support/windows-channel-examples.ts';
import { fromGuest, joined, type WindowsGuest, windowsGuest } from '../../../support/windows-guest.ts';

describe("a channel by QEMU's agent into Windows, which reads no file that somebody writes to", () => {
  windowsChannelExamples(() => open({ shares: false }), { streams: false });
});

describe('a channel by an agent into Windows', () => {
  windowsChannelExamples(() => open({ shares: true, mostInput: 4096 }));
});

test('says so when the agent runs commands as somebody else', async () => {
  const guest = await windowsGuest();
  await expect(connected(agentLink(guest, { shares: true }), 'somebody')).rejects.toMatchObject({
    code: 'GUEST_USER',
    message: 'the guest agent runs as WIN11\\tester and cannot become somebody',
  });
});

test("sets the clock by the engine's own call where there is one", async () => {
  const guest = await windowsGuest();
  const set: number[] = [];
  const link = {
    ...agentLink(guest, { shares: true }),
    setClock: async (time: number) => void set.push(time),
  };
  await (await connected(link)).setClock(new AbortController().signal);
  expect(set).toHaveLength(1);
});

test('a console is refused at once', async () => {
  const stream = new PassThrough();
  const refused = connect(
    { kind: 'console', stream },
    { credentials: { user: 'tester' }, os: 'windows' },
    new AbortController().signal,
  );
  await expect(refused).rejects.toMatchObject({ code: 'GUEST_OS_UNSUPPORTED', retryable: false });
  expect(stream.destroyed).toBe(true);
});

interface LinkOptions {
  /** Files that are being written can be read. */
  shares: boolean;
  mostInput?: number;
}

async function open(options: LinkOptions): Promise<OpenWindowsChannel> {
  const guest = await windowsGuest();
  return { guest, channel: await connected(agentLink(guest, options)) };
}

async function connected(link: AgentLink, user = 'tester'): Promise<GuestChannel> {
  const signal = AbortSignal.timeout(20_000);
  const channel = await connect({ kind: 'agent', link }, { credentials: { user }, os: 'windows' }, signal);
  onTestFinished(() => channel.close());
  return channel;
}

/** An agent in a Windows guest: every word of a program is handed on as it is, with blanks between. */
function agentLink(guest: WindowsGuest, { shares, mostInput }: LinkOptions): AgentLink {
  const ended = new Map<string, Promise<AgentPoll>>();
  /** Their words, by handle. */
  const running = new Map<string, readonly string[]>();
  const isWritten = (path: string) =>
    [...running.values()].flat().some((word) => word === `>${path}` || word === `2>${path}`);
  return {
    chunk: 64 * 1024,
    ...(mostInput === undefined ? {} : { mostInput }),
    ping: async () => {},
    start: async ([program = '', ...words], { input = Buffer.alloc(0) }) => {
      if (input.length > (mostInput ?? Number.POSITIVE_INFINITY)) throw new Error('too much for a start');
      const child = guest.start(program, joined(words));
      const handle = String(child.pid);
      const [out, err]: Buffer[][] = [[], []];
      child.stdout.on('data', (chunk: Buffer) => out?.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => err?.push(chunk));
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      running.set(handle, words);
      ended.set(
        handle,
        new Promise((resolve) =>
          child.once('close', (code) => {
            running.delete(handle);
            const exitCode = exitCodeOf(child.pid ?? 0, code);
            const [stdout, stderr] = [Buffer.concat(out ?? []), Buffer.concat(err ?? [])];
            resolve({ exited: true, exitCode, stdout, stderr, truncated: false });
          }),
        ),
      );
      return handle;
    },
    poll: async (handle) =>
      running.has(handle) ? { exited: false } : ((await ended.get(handle)) ?? { exited: false }),
    read: async (path, offset, length) => {
      if (!shares && isWritten(path)) throw refused(`${path}: sharing violation`);
      const all = await readFile(fromGuest(guest, path)).catch(() => {
        throw refused(`${path}: not found`);
      });
      return all.subarray(offset, offset + length);
    },
    write: async (path, data, { append }) =>
      writeFile(fromGuest(guest, path), data, { flag: append ? 'a' : 'w' }),
    close: () => {},
  };
}

function refused(message: string): VmtestError {
  return new VmtestError('GUEST_AGENT_REFUSED', message);
}
