/** One login on an open connection. */
import type { Socket } from 'node:net';
import ssh2, { type Algorithms, type Client } from 'ssh2';
import { abortable } from '../../host/abortable.ts';
import { VmtestError } from '../../host/errors.ts';
import { connectionLost } from '../lost.ts';
import type { LoginMethods } from './credentials.ts';
import { fingerprint, hostKeyChanged } from './host-key.ts';

export interface Login {
  client: Client;
  /** `SHA256:…` */
  hostKey: string;
}

/** Milliseconds. A guest that is emulated, and starved by others, may take long over a key exchange. */
const READY_TIMEOUT = 60_000;

/** After an error the peer closes the connection, if it is still there. */
const HANG_UP_MS = 1_000;

/**
 * A guest that has vanished is noticed after interval × (count + 1) = 40 s; without this, never. Crashes of the machine
 * itself are noticed sooner, by its driver.
 */
const KEEPALIVE = { keepaliveInterval: 10_000, keepaliveCountMax: 3 };

/** Offered last, for servers such as CentOS 6 that know nothing newer. Others never choose them. */
const OLD_ALGORITHMS: Algorithms = {
  kex: { append: ['diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'], prepend: [], remove: [] },
  cipher: { append: ['aes128-cbc', '3des-cbc'], prepend: [], remove: [] },
};

/**
 * @throws VmtestError `GUEST_HOST_KEY_CHANGED`, `GUEST_AUTH_FAILED`, `GUEST_SSH_INCOMPATIBLE`, which are final as far as
 * this login goes; `GUEST_CONNECTION_LOST`, which is not; the signal's reason when it aborts.
 */
export async function logIn(
  socket: Socket,
  methods: LoginMethods,
  expectedKey: string | undefined,
  signal: AbortSignal,
): Promise<Login> {
  try {
    signal.throwIfAborted();
    const attempt = new LoginAttempt(socket, methods, expectedKey);
    await abortable(attempt.run(), signal);
    return { client: attempt.client, hostKey: attempt.hostKey };
  } catch (error) {
    // `client.end()` would wait for a peer that may be gone.
    socket.destroy();
    throw error;
  }
}

class LoginAttempt {
  readonly client = new ssh2.Client();
  hostKey = '';
  readonly #socket: Socket;
  readonly #methods: LoginMethods;
  readonly #expectedKey: string | undefined;
  /** The first thing that went wrong: what comes after it only follows from it. */
  #refusal: VmtestError | undefined;
  #agentTrouble = '';
  #hangUp: NodeJS.Timeout | undefined;

  constructor(socket: Socket, methods: LoginMethods, expectedKey: string | undefined) {
    this.#socket = socket;
    this.#methods = methods;
    this.#expectedKey = expectedKey;
    // Never `once`: errors come in twos and threes, for as long as the client lives.
    this.client.on('error', (error) => this.#onError(error));
    this.client.on('keyboard-interactive', (_name, _instructions, _lang, prompts, finish) => {
      finish(prompts.map(() => methods.config.password ?? ''));
    });
    this.client.on('change password', () => {
      this.#refusal ??= authFailed(methods, 'the guest wants the password to be changed first');
      socket.destroy();
    });
  }

  /** Resolves when logged in. */
  async run(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      this.client.once('ready', resolve);
      this.client.once('close', () =>
        reject(this.#refusal ?? connectionLost('the SSH server hung up during the login')),
      );
    });
    this.client.connect({
      ...this.#methods.config,
      ...KEEPALIVE,
      sock: this.#socket,
      authHandler: this.#methods.order,
      algorithms: OLD_ALGORITHMS,
      readyTimeout: READY_TIMEOUT,
      hostVerifier: (key: Buffer) => this.#accepts(fingerprint(key)),
    });
    try {
      await ready;
    } finally {
      clearTimeout(this.#hangUp);
    }
  }

  #accepts(hostKey: string): boolean {
    this.hostKey = hostKey;
    if (this.#expectedKey === undefined || this.#expectedKey === hostKey) return true;
    this.#refusal = hostKeyChanged(this.#expectedKey, hostKey);
    return false;
  }

  #onError(error: Error & { level?: string }): void {
    // The agent, or one of its keys, did not work; other methods follow.
    if (error.level === 'agent') this.#agentTrouble = `; the SSH agent says: ${error.message}`;
    else {
      this.#refusal ??= this.#explain(error);
      this.#hangUp ??= setTimeout(() => this.#socket.destroy(), HANG_UP_MS);
    }
  }

  #explain(error: Error & { level?: string }): VmtestError {
    if (error.level === 'client-authentication') {
      return authFailed(this.#methods, `${error.message}${this.#agentTrouble}`);
    }
    if (error.level !== 'handshake') return connectionLost(error.message, error);
    const message = `no common ground with the SSH server: ${error.message}`;
    return new VmtestError('GUEST_SSH_INCOMPATIBLE', message, {
      hint: 'The guest allows only algorithms that this program does not know. Widen its sshd configuration.',
      cause: error,
    });
  }
}

function authFailed(methods: LoginMethods, why: string): VmtestError {
  const { username } = methods.config;
  return new VmtestError('GUEST_AUTH_FAILED', `the guest does not let ${username} in: ${why}`, {
    hint:
      `Tried, in this order: ${methods.order.join(', ')}. Check \`guest.user\` and its key or password, that the key is in ` +
      "the guest's authorized_keys, and that its sshd allows this way for this user (`PermitRootLogin`, `PasswordAuthentication`).",
  });
}
