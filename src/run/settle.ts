/**
 * What is done to a booted machine before it becomes a clean state: log in by every way that works, let the system
 * finish its start, and note the host key. Each cell then starts from a guest that is awake, not one that still boots.
 */
import type { CleanFacts } from '../../drivers/driver.ts';
import type { GuestChannel } from '../guest/channel.ts';
import { withDeadline } from '../host/deadline.ts';
import { VmtestError } from '../host/errors.ts';
import { connectEveryWay, type GuestToReach } from './connect-guest.ts';

/** The second way in usually answers within seconds of the first; a guest without it should not cost minutes. */
const SECOND_WAY_GRACE_MS = 3_000;

/** systemd knows when it is done; other systems are ready when they answer. Failed units are the guest's own affair. */
const WAIT_FOR_SYSTEMD =
  'if command -v systemctl >/dev/null 2>&1; then systemctl is-system-running --wait >/dev/null 2>&1 || :; fi';
const SYSTEMD_MS = 60_000;

export interface GuestToSettle extends GuestToReach {
  slowdown: number;
  /** How long the guest may take to boot and answer. Milliseconds, scaled. */
  answerMs: number;
  progress(message: string): void;
}

export async function settle(to: GuestToSettle, signal: AbortSignal): Promise<CleanFacts> {
  const channels = await withDeadline(
    signal,
    to.answerMs,
    'the first boot, until the guest answers,',
    (deadline) => connectEveryWay(to, SECOND_WAY_GRACE_MS * to.slowdown, deadline),
  );
  try {
    to.progress(`the guest answers by ${channels.map((channel) => channel.kind).join(' and ')}`);
    const [best] = channels;
    if (best) await becomeReady(best, to, signal);
    const hostKey = channels.find((channel) => channel.hostKey !== undefined)?.hostKey;
    return {
      channels: channels.map((channel) => channel.kind),
      ...(hostKey === undefined ? {} : { hostKey }),
      memory: Object.fromEntries(
        channels.flatMap(({ kind, memory }) => (memory === undefined ? [] : [[kind, memory]])),
      ),
    };
  } finally {
    // Their folders stay: the cells' channels go on from there.
    await Promise.all(channels.map((channel) => channel.close(false)));
  }
}

async function becomeReady(channel: GuestChannel, to: GuestToSettle, signal: AbortSignal): Promise<void> {
  if (to.guest.ready !== undefined) {
    const { exitCode, output } = await runQuietly(channel, to.guest.ready, signal);
    if (exitCode === 0) return;
    throw new VmtestError(
      'GUEST_NOT_READY',
      `the command \`guest.ready\` ended with ${exitCode ?? 'a signal'}`,
      {
        hint: 'It must wait until the guest is ready, then end with 0.',
        details: output,
      },
    );
  }
  if (to.os !== 'linux') return;
  try {
    await withDeadline(signal, SYSTEMD_MS * to.slowdown, 'the guest to finish its start', (deadline) =>
      runQuietly(channel, WAIT_FOR_SYSTEMD, deadline),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VmtestError) || error.code !== 'TIMEOUT') throw error;
    to.progress('the guest answers, but systemd has not finished its start; going on');
  }
}

/** Output enough for an error message; nobody else sees it. */
const KEPT_OUTPUT = 16 * 1024;

async function runQuietly(
  channel: GuestChannel,
  script: string,
  signal: AbortSignal,
): Promise<{ exitCode?: number; output: string }> {
  let output = '';
  const keep = (chunk: Buffer) => {
    if (output.length < KEPT_OUTPUT) output += chunk.toString('utf8');
  };
  const exit = await channel.exec(
    { script, shell: 'sh', cwd: '.', env: {} },
    { onStdout: keep, onStderr: keep },
    signal,
  );
  return { ...exit, output };
}
