/**
 * From a started machine to a channel that is ready: which way in, with whose key, and the guest's clock set.
 */
import type { Machine } from '../../drivers/driver.ts';
import type { GuestSettings } from '../../matrix/model.ts';
import type { AccessKind, ConnectOptions, Credentials, GuestChannel } from '../guest/channel.ts';
import { linkSignal, sleep } from '../host/deadline.ts';
import { toVmtestError, VmtestError } from '../host/errors.ts';
import { readGuestKey } from './guest-key.ts';
import type { HostKeyPins } from './host-keys.ts';

export interface GuestToReach {
  machine: Machine;
  /** Ways in that the engine offers, best first. */
  offered: readonly AccessKind[];
  guest: GuestSettings;
  os: ConnectOptions['os'];
  pins: HostKeyPins;
  /** Told why the guest does not answer yet, again and again. */
  onAttempt?: (reason: string) => void;
}

/** The best way in that answers first; its clock is set. `notes` get what a person should know. */
export async function connectGuest(
  to: GuestToReach,
  signal: AbortSignal,
  notes: string[],
): Promise<GuestChannel> {
  const ways = waysIn(to);
  const known = to.machine.clean.facts.channels?.find((kind) => ways.includes(kind));
  const channel = await firstToAnswer(to, known === undefined ? ways : [known], signal);
  try {
    await setClock(channel, signal, notes);
    return channel;
  } catch (error) {
    await channel.close();
    throw error;
  }
}

/**
 * Tries every way in of a machine that is to become a clean state, until the first answers and the others have had a
 * short while more. The channels are handed over open.
 */
export async function connectEveryWay(
  to: GuestToReach,
  graceMs: number,
  signal: AbortSignal,
): Promise<GuestChannel[]> {
  const kinds = waysIn(to);
  const link = linkSignal(signal);
  const ready: GuestChannel[] = [];
  const tries = kinds.map(async (kind) => {
    ready.push(await open(to, kind, link.signal));
  });
  let chosen: GuestChannel[] = [];
  try {
    await anyOf(tries, kinds);
    await Promise.race([Promise.allSettled(tries), sleep(graceMs, signal)]);
    chosen = ready.toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
    return chosen;
  } finally {
    link.abort(new VmtestError('NOT_NEEDED', 'another way into the guest answered first'));
    await Promise.allSettled(tries);
    link.unlink();
    // Also one that answered while it was being cut off.
    await Promise.all(ready.filter((channel) => !chosen.includes(channel)).map((channel) => channel.close()));
  }
}

/**
 * The ways in to try for a target, best first: what the engine offers and the target has credentials for. `auto` takes the
 * console only where there is nothing else: it has to be typed on, which no guest should see that is reached otherwise.
 */
export function waysIn({
  offered: all,
  guest,
  os,
}: Pick<GuestToReach, 'offered' | 'guest' | 'os'>): AccessKind[] {
  // What Windows has on its serial line is no shell.
  const offered = os === 'windows' ? all.filter((kind) => kind !== 'console') : all;
  if (guest.channel !== 'auto') {
    if (offered.includes(guest.channel)) return [guest.channel];
    throw new VmtestError('CHANNEL_UNSUPPORTED', `this target offers no way in by ${guest.channel}`, {
      hint: `It offers: ${offered.join(', ') || 'none'}. Look at its network, and at \`agent\`.`,
    });
  }
  const usable = offered.filter((kind) => kind !== 'ssh' || hasSshCredentials(guest));
  const silent = usable.filter((kind) => kind !== 'console');
  if (silent.length > 0) return silent;
  if (usable.length > 0) return usable;
  throw new VmtestError('NO_WAY_IN', 'there is no way into the guest', {
    hint: "Give `guest.key`, `guest.password` or `guest.agent` for SSH, or use an image with the engine's guest agent.",
  });
}

/** @throws VmtestError `GUEST_KEY_UNREADABLE` where the way in needs the key. */
async function credentialsOf(guest: GuestSettings, kind: AccessKind): Promise<Credentials> {
  return {
    user: guest.user,
    ...(guest.key === undefined || kind !== 'ssh' ? {} : { privateKey: await readGuestKey(guest.key) }),
    ...(guest.passphrase === undefined ? {} : { passphrase: guest.passphrase }),
    ...(guest.password === undefined ? {} : { password: guest.password }),
    ...(guest.sshAgent && process.env['SSH_AUTH_SOCK'] ? { agentSocket: process.env['SSH_AUTH_SOCK'] } : {}),
  };
}

/** Whether SSH is one of the ways in to try. */
export function mayLogIn({ offered, guest }: Pick<GuestToReach, 'offered' | 'guest'>): boolean {
  const isMeant = guest.channel === 'auto' || guest.channel === 'ssh';
  return isMeant && offered.includes('ssh') && hasSshCredentials(guest);
}

function hasSshCredentials(guest: GuestSettings): boolean {
  return guest.key !== undefined || guest.password !== undefined || guest.sshAgent;
}

/** All ways are tried side by side; the losers are cut off. */
async function firstToAnswer(
  to: GuestToReach,
  kinds: readonly AccessKind[],
  signal: AbortSignal,
): Promise<GuestChannel> {
  const [only] = kinds;
  if (kinds.length === 1 && only) return open(to, only, signal);
  const [first, ...rest] = await connectEveryWay(to, 0, signal);
  await Promise.all(rest.map((channel) => channel.close()));
  return first as GuestChannel;
}

async function open(to: GuestToReach, kind: AccessKind, signal: AbortSignal): Promise<GuestChannel> {
  const onAttempt = (reason: string) => to.onAttempt?.(`${kind}: ${reason}`);
  const access = await to.machine.access(kind, signal, onAttempt);
  if (access.kind === 'direct') return access.open(signal, onAttempt);
  const { connect } = await import('../guest/connect.ts');
  const memory = to.machine.clean.facts.memory?.[kind];
  const options: ConnectOptions = {
    credentials: await credentialsOf(to.guest, kind),
    os: to.os,
    ...(to.guest.prompt === undefined ? {} : { prompt: to.guest.prompt }),
    ...(memory === undefined ? {} : { memory }),
    onAttempt,
  };
  if (access.kind !== 'ssh') return connect(access, options, signal);
  const expected = await expectedHostKey(to);
  const channel = await connect(
    access,
    { ...options, ...(expected === undefined ? {} : { hostKey: expected }) },
    signal,
  );
  const { identity } = to.machine.clean;
  if (
    to.guest.hostKey === 'pin' &&
    identity !== '' &&
    expected === undefined &&
    channel.hostKey !== undefined
  ) {
    await to.pins.set(identity, channel.hostKey);
  }
  return channel;
}

async function expectedHostKey(to: GuestToReach): Promise<string | undefined> {
  if (to.guest.hostKey === 'any') return undefined;
  if (to.guest.hostKey !== 'pin') return to.guest.hostKey;
  const { identity, facts } = to.machine.clean;
  if (identity === '') return undefined;
  return facts.hostKey ?? (await to.pins.get(identity));
}

async function setClock(channel: GuestChannel, signal: AbortSignal, notes: string[]): Promise<void> {
  try {
    await channel.setClock(signal);
  } catch (error) {
    if (!(error instanceof VmtestError) || error.code !== 'GUEST_CLOCK') throw error;
    notes.push(`the guest's clock could not be set: ${error.message}`);
  }
}

/** The first success; when all fail, one error that says what became of each way. */
async function anyOf(tries: Promise<void>[], kinds: readonly AccessKind[]): Promise<void> {
  try {
    await Promise.any(tries);
  } catch (error) {
    const errors = (error as AggregateError).errors.map(toVmtestError);
    const [first] = errors;
    if (errors.length === 1 && first) throw first;
    throw new VmtestError('GUEST_UNREACHABLE', 'no way into the guest works', {
      hint: errors.map((each, index) => `${kinds[index]}: ${each.message}`).join('\n'),
      retryable: errors.some((each) => each.retryable),
      cause: error,
    });
  }
}
