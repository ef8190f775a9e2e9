/**
 * What is done to a booted machine before it becomes a clean state: log in by every way that works, let the system
 * finish its start, and note the host key. Each cell then starts from a guest that is awake, not one that still boots.
 */
import type { CleanFacts } from '../../drivers/driver.ts';
import type { GuestChannel } from '../guest/channel.ts';
import { sleep, withDeadline } from '../host/deadline.ts';
import { VmtestError } from '../host/errors.ts';
import { connectEveryWay, type GuestToReach } from './connect-guest.ts';

/** The second way in usually answers within seconds of the first; a guest without it should not cost minutes. */
const SECOND_WAY_GRACE_MS = 3_000;

/** systemd knows when it is done; other systems are ready when they answer. Failed units are the guest's own affair. */
const WAIT_FOR_SYSTEMD = `
command -v systemctl >/dev/null 2>&1 || exit 1
systemctl is-system-running --wait >/dev/null 2>&1 || :
`;
const SYSTEMD_MS = 60_000;

/**
 * What systemd and our own logins set going (sessions that end, their managers) comes to rest in this time. Else every
 * cell would begin with it: measured on Debian 12 without acceleration, 90 ms each.
 */
const CALM_MS = 4_000;

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
  let facts: CleanFacts;
  let isBusy = false;
  try {
    to.progress(`the guest answers by ${channels.map((channel) => channel.kind).join(' and ')}`);
    const [best] = channels;
    if (best) isBusy = await becomeReady(best, to, signal);
    const hostKey = channels.find((channel) => channel.hostKey !== undefined)?.hostKey;
    facts = {
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
  if (isBusy) await sleep(CALM_MS, signal);
  return facts;
}

/** True when much goes on in the guest even then. */
async function becomeReady(channel: GuestChannel, to: GuestToSettle, signal: AbortSignal): Promise<boolean> {
  if (to.guest.ready !== undefined) {
    const { exitCode, output } = await runQuietly(channel, to.guest.ready, to.os, signal);
    if (exitCode === 0) return false;
    throw new VmtestError(
      'GUEST_NOT_READY',
      `the command \`guest.ready\` ended with ${exitCode ?? 'a signal'}`,
      {
        hint: 'It must wait until the guest is ready, then end with 0.',
        details: output,
      },
    );
  }
  if (to.os !== 'linux') return false;
  try {
    const { exitCode } = await withDeadline(
      signal,
      SYSTEMD_MS * to.slowdown,
      'the guest to finish its start',
      (deadline) => runQuietly(channel, WAIT_FOR_SYSTEMD, to.os, deadline),
    );
    return exitCode === 0;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VmtestError) || error.code !== 'TIMEOUT') throw error;
    to.progress('the guest answers, but systemd has not finished its start; going on');
    return true;
  }
}

/** Output enough for an error message; nobody else sees it. */
const KEPT_OUTPUT = 16 * 1024;

async function runQuietly(
  channel: GuestChannel,
  script: string,
  os: GuestToReach['os'],
  signal: AbortSignal,
): Promise<{ exitCode?: number; output: string }> {
  let output = '';
  const keep = (chunk: Buffer) => {
    if (output.length < KEPT_OUTPUT) output += chunk.toString('utf8');
  };
  const exit = await channel.exec(
    { script, shell: os === 'windows' ? 'powershell' : 'sh', cwd: '.', env: {} },
    { onStdout: keep, onStderr: keep },
    signal,
  );
  return { ...exit, output };
}
