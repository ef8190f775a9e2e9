/** One login on an open connection. */
import type { Socket } from 'node:net';
import ssh2, { type Algorithms, type Client } from 'ssh2';
import { VmtestError } from '../../host/errors.ts';
import { connectionLost } from '../lost.ts';
import type { LoginMethods } from './credentials.ts';
import { fingerprint, hostKeyChanged } from './host-key.ts';

export interface Login {
  client: Client;
  /** `SHA256:…` */
  hostKey: string;
}

/**
 * Milliseconds. A guest that is emulated, and starved by others, may take long over a key exchange.
 */
const READY_TIMEOUT = 60_000;

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
  const client = new ssh2.Client();
  let hostKey = '';
  let refusal: VmtestError | undefined;
  let agentTrouble = '';
  try {
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const stopListening = () => signal.removeEventListener('abort', onAbort);
      client.once('ready', () => {
        stopListening();
        resolve();
      });
      // Never `once`: errors come in twos and threes, for as long as the client lives.
      client.on('error', (error) => {
        const { level } = error as { level?: string };
        // The agent, or one of its keys, did not work; other methods follow.
        if (level === 'agent') agentTrouble = `; the SSH agent says: ${error.message}`;
        else refusal ??= explain(error, level, methods, agentTrouble);
      });
      client.once('close', () => {
        stopListening();
        reject(refusal ?? connectionLost('the SSH server hung up during the login'));
      });
      client.on('keyboard-interactive', (_name, _instructions, _lang, prompts, finish) => {
        finish(prompts.map(() => methods.config.password ?? ''));
      });
      client.on('change password', () => {
        refusal ??= authFailed(methods, 'the guest wants the password to be changed first');
        socket.destroy();
      });
      client.connect({
        ...methods.config,
        ...KEEPALIVE,
        sock: socket,
        authHandler: methods.order,
        algorithms: OLD_ALGORITHMS,
        readyTimeout: READY_TIMEOUT,
        hostVerifier: (key: Buffer) => {
          hostKey = fingerprint(key);
          if (expectedKey === undefined || expectedKey === hostKey) return true;
          refusal = hostKeyChanged(expectedKey, hostKey);
          return false;
        },
      });
    });
    return { client, hostKey };
  } catch (error) {
    // `client.end()` would wait for a peer that may be gone.
    socket.destroy();
    throw error;
  }
}

function explain(
  error: Error,
  level: string | undefined,
  methods: LoginMethods,
  agentTrouble: string,
): VmtestError {
  if (level === 'client-authentication') return authFailed(methods, `${error.message}${agentTrouble}`);
  if (level === 'handshake') {
    return new VmtestError(
      'GUEST_SSH_INCOMPATIBLE',
      `no common ground with the SSH server: ${error.message}`,
      {
        hint: 'The guest allows only algorithms that this program does not know. Widen its sshd configuration.',
        cause: error,
      },
    );
  }
  return connectionLost(error.message, error);
}

function authFailed(methods: LoginMethods, why: string): VmtestError {
  const { username } = methods.config;
  return new VmtestError('GUEST_AUTH_FAILED', `the guest does not let ${username} in: ${why}`, {
    hint:
      `Tried, in this order: ${methods.order.join(', ')}. Check \`guest.user\` and its key or password, that the key is in ` +
      "the guest's authorized_keys, and that its sshd allows this way for this user (`PermitRootLogin`, `PasswordAuthentication`).",
  });
}
