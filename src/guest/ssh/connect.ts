/** Polls a guest until it lets us in and runs a command. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Client } from 'ssh2';
import { sleep, withDeadline } from '../../host/deadline.ts';
import { toVmtestError, VmtestError } from '../../host/errors.ts';
import type { ConnectOptions, GuestChannel } from '../channel.ts';
import type { Dialect } from '../dialect.ts';
import { decodeMemory, encodeMemory, type Memory } from '../memory.ts';
import { ScriptChannel } from '../script-channel.ts';
import { posixDialect } from '../shell/dialect.ts';
import { parseProbe, probeScript } from '../shell/probe.ts';
import { showExit } from '../transport.ts';
import { loadBoot, windowsBoot } from '../windows/boot.ts';
import { windowsDialect } from '../windows/dialect.ts';
import { getToKnow } from '../windows/get-to-know.ts';
import { loadScripts } from '../windows/script.ts';
import { type Address, awaitBanner } from './banner.ts';
import { type LoginMethods, loginMethods } from './credentials.ts';
import { logIn } from './login.ts';
import { SshSession } from './session.ts';

/** Milliseconds. */
export interface LoginPace {
  /** How long a refused login is tried again: right after a boot, keys and accounts may still be on their way. */
  authGrace: number;
  /**
   * Pauses after refused logins; the last one repeats. OpenSSH counts 5 s of penalty each and shuts us out at 15 s
   * (`PerSourcePenalties`, from 9.8), forgiving a second a second.
   */
  authPauses: readonly number[];
  /** Pauses after a connection that broke off during login, which costs a second of penalty. */
  lostPauses: readonly number[];
}

const PACE: LoginPace = {
  authGrace: 20_000,
  authPauses: [1_000, 2_000, 5_000],
  lostPauses: [250, 500, 1_000, 2_000],
};

/** How long the first command may take before the connection is given up and made anew. */
const PROBE_MS = 60_000;

/**
 * @throws VmtestError what cannot be mended by waiting: `GUEST_AUTH_FAILED` (after its grace), `GUEST_HOST_KEY_CHANGED`,
 * `GUEST_SSH_INCOMPATIBLE`, `GUEST_KEY_UNUSABLE`…; the signal's reason when it aborts.
 */
export async function connectSsh(
  address: Address,
  options: ConnectOptions,
  signal: AbortSignal,
  pace: LoginPace = PACE,
): Promise<GuestChannel> {
  const methods = loginMethods(options.credentials);
  const onAttempt = options.onAttempt ?? (() => {});
  const refusals = new Refusals(pace);
  for (;;) {
    try {
      return await connectOnce(address, methods, options, onAttempt, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toVmtestError(thrown);
      const pause = refusals.pauseAfter(error);
      if (pause === undefined) throw error;
      onAttempt(error.message);
      await sleep(pause, signal, "the guest's SSH server");
    }
  }
}

async function connectOnce(
  address: Address,
  methods: LoginMethods,
  options: ConnectOptions,
  onAttempt: (reason: string) => void,
  signal: AbortSignal,
): Promise<GuestChannel> {
  const socket = await awaitBanner(address, signal, onAttempt);
  const { client, hostKey } = await logIn(socket, methods, options.hostKey, signal);
  try {
    const open = options.os === 'windows' ? openWindows : openPosix;
    const { session, dialect, memory } = await open(client, socket, options, signal);
    return new ScriptChannel(session, dialect, 'ssh', { memory, hostKey });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A session in which a script has run. */
interface Opened {
  session: SshSession;
  dialect: Dialect;
  memory: string;
}

async function openPosix(
  client: Client,
  socket: Socket,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Opened> {
  const session = new SshSession(client, socket);
  const { user } = options.credentials;
  const known = decodeMemory(options.memory, user) ?? (await lookAround(session, user, signal));
  const facts = parseProbe(known.answer, known.token);
  if (!facts) throw notReady(known.answer);
  return { session, dialect: posixDialect(facts), memory: encodeMemory(known) };
}

async function openWindows(
  client: Client,
  socket: Socket,
  { credentials: { user }, memory }: ConnectOptions,
  signal: AbortSignal,
): Promise<Opened> {
  const [boot, scripts] = await Promise.all([loadBoot(), loadScripts()]);
  const session = new SshSession(client, socket, windowsBoot(boot));
  const known = await getToKnow(session, scripts, { user, memory }, signal);
  return { session, dialect: windowsDialect(known.facts.folder, scripts), memory: known.memory };
}

/** Ready is a guest in which a command has run, not one that accepts a login. */
async function lookAround(session: SshSession, user: string, signal: AbortSignal): Promise<Memory> {
  const token = randomBytes(6).toString('hex');
  const { exit, stdout, stderr } = await withDeadline(
    signal,
    PROBE_MS,
    'the first command in the guest',
    (deadline) => session.capture(probeScript(token), undefined, deadline),
  );
  const answer = stdout.toString();
  if (parseProbe(answer, token)) return { user, token, answer };
  // Such as pam_nologin's "System is booting up".
  throw notReady(`${showExit(exit)}: ${stderr.trim()}`);
}

function notReady(why: string): VmtestError {
  return new VmtestError('GUEST_NOT_READY', `the first command in the guest gave ${why}`, {
    hint: 'The account needs a shell that runs `sh`. Is it Windows? Say so: `os: windows`.',
    retryable: true,
  });
}

/** Which failures are worth another try, and after how long. */
class Refusals {
  readonly #pace: LoginPace;
  #firstAuth: number | undefined;
  #auth = 0;
  #lost = 0;

  constructor(pace: LoginPace) {
    this.#pace = pace;
  }

  /** Milliseconds, or undefined when trying again is no use. */
  pauseAfter(error: VmtestError): number | undefined {
    if (error.code === 'GUEST_AUTH_FAILED') return this.#afterAuth();
    if (!error.retryable) return undefined;
    const pauses = this.#pace.lostPauses;
    const pause = pauses[Math.min(this.#lost, pauses.length - 1)];
    this.#lost += 1;
    return pause;
  }

  #afterAuth(): number | undefined {
    const now = performance.now();
    this.#firstAuth ??= now;
    const { authPauses, authGrace } = this.#pace;
    const pause = authPauses[Math.min(this.#auth, authPauses.length - 1)] ?? 0;
    this.#auth += 1;
    return now + pause - this.#firstAuth > authGrace ? undefined : pause;
  }
}
