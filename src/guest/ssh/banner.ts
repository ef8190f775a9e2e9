/**
 * Waits until an SSH server speaks, without troubling it with half a login.
 *
 * That a TCP connection opens proves nothing: the user-mode networks of QEMU and VirtualBox accept on the host while the
 * guest still boots, and then stay silent or hang up. So a connection counts when its first bytes have come; it is kept
 * and used for the login, since OpenSSH (from 9.8, `PerSourcePenalties`) punishes connections that come to nothing.
 * A silent connection is not given up at once, for it may belong to a guest that is only slow: others are started
 * beside it, and the first to speak wins.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { type LinkedSignal, linkSignal, sleep } from '../../host/deadline.ts';
import { VmtestError } from '../../host/errors.ts';

export interface Address {
  host: string;
  port: number;
}

/** Milliseconds. */
export interface BannerPace {
  /** Between a refusal and the next try; grows to `slowest`. */
  quickest: number;
  slowest: number;
  /** Silence after which a second connection is tried beside the first. */
  silence: number;
  /** Silence after which yet another is tried. Greeting costs an emulated guest up to half a second of its processor. */
  longSilence: number;
  /** Silence after which a connection is given up. */
  giveUp: number;
}

const PACE: BannerPace = { quickest: 50, slowest: 250, silence: 1_000, longSilence: 2_000, giveUp: 20_000 };

/** More would come near OpenSSH's `MaxStartups` (10) when a slow guest at last answers them all. */
const MOST_AT_ONCE = 4;

/** A connection on which the server has begun to speak; what it said is still to be read. */
export async function awaitBanner(
  address: Address,
  signal: AbortSignal,
  onAttempt: (reason: string) => void = () => {},
  pace: BannerPace = PACE,
): Promise<Socket> {
  const tries: Try[] = [];
  let winner: Socket | undefined;
  try {
    winner = await race(address, tries, signal, onAttempt, pace);
    return winner;
  } finally {
    for (const each of tries) if (each.socket !== winner) each.drop();
  }
}

async function race(
  address: Address,
  tries: Try[],
  signal: AbortSignal,
  onAttempt: (reason: string) => void,
  pace: BannerPace,
): Promise<Socket> {
  let pause = pace.quickest;
  for (;;) {
    signal.throwIfAborted();
    // A connection of before the guest's network was up may stay silent for long, so there is always a fresh one; the
    // old ones are kept for a server that is only slow.
    if (tries.length >= MOST_AT_ONCE) tries.pop()?.drop();
    tries.push(new Try(address, pace.giveUp, signal));
    const first = await firstOf(tries, tries.length === 1 ? pace.silence : pace.longSilence, signal);
    signal.throwIfAborted();
    if (first === undefined) {
      const connected = tries.some((each) => each.isConnected);
      const silence = connected ? 'accepts connections, but no SSH server speaks yet' : 'does not answer';
      onAttempt(`${show(address)} ${silence}`);
      continue;
    }
    const failure = await first.failure;
    if (failure === undefined && !first.socket.destroyed) return first.socket;
    tries.splice(tries.indexOf(first), 1);
    onAttempt(failure ?? `${show(address)} hung up after its greeting`);
    await sleep(pause, signal, "the guest's SSH server");
    pause = Math.min(pause * 1.5, pace.slowest);
  }
}

/** The first try with an outcome; undefined when there is silence for so long. */
async function firstOf(
  tries: readonly Try[],
  silence: number,
  signal: AbortSignal,
): Promise<Try | undefined> {
  const link = linkSignal(signal);
  const quiet = sleep(silence, link.signal).catch(() => {});
  try {
    return (await Promise.race([...tries.map((each) => each.failure.then(() => each)), quiet])) ?? undefined;
  } finally {
    link.abort(undefined);
    link.unlink();
  }
}

/** One connection, until its server speaks. */
class Try {
  readonly socket: Socket;
  /** Why it came to nothing; undefined when the server has spoken. Never rejects. */
  readonly failure: Promise<string | undefined>;
  readonly #link: LinkedSignal;

  constructor(address: Address, giveUp: number, signal: AbortSignal) {
    this.#link = linkSignal(signal, { ms: giveUp, what: `the SSH banner of ${show(address)}` });
    this.socket = connectTcp(address.port, address.host).setNoDelay(true);
    // It may break at any time, also while nobody looks.
    this.socket.on('error', () => {});
    this.failure = greeted(this.socket, this.#link.signal).then(
      () => undefined,
      (error) => {
        this.socket.destroy();
        return reasonOf(error, address);
      },
    );
    void this.failure.then(() => this.#link.unlink());
  }

  get isConnected(): boolean {
    return !this.socket.connecting;
  }

  /** It is no longer wanted. */
  drop(): void {
    this.#link.abort(new VmtestError('NOT_NEEDED', 'another connection is tried'));
    this.socket.destroy();
  }
}

/** Resolves when an SSH server speaks; what it says is still to be read then. */
async function greeted(socket: Socket, signal: AbortSignal): Promise<void> {
  const said = await firstRead(socket, signal);
  // Sent in place of a banner by a server that is overloaded or takes us for an attacker.
  const refusal = /^(Exceeded MaxStartups|Not allowed at this time)/.exec(said.toString('latin1'));
  if (refusal) throw new Error(`the SSH server says: ${refusal[0]}`);
  socket.unshift(said);
}

/** What comes first on a socket, which is left paused and without listeners. */
function firstRead(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      socket.off('readable', onReadable).off('end', onEnd).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onReadable = () => {
      const said = socket.read() as Buffer | null;
      if (said !== null) settle(() => resolve(said));
    };
    const onEnd = () => settle(() => reject(new Error('hung up before it said anything')));
    const onError = (error: Error) => settle(() => reject(error));
    const onAbort = () => settle(() => reject(signal.reason));
    socket.on('readable', onReadable).on('end', onEnd).on('error', onError);
    signal.addEventListener('abort', onAbort);
  });
}

function reasonOf(error: unknown, address: Address): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ECONNREFUSED' ? `${show(address)} refuses connections` : `${show(address)}: ${message}`;
}

function show({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
