import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import ssh2, { type AuthContext, type ParsedKey } from 'ssh2';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ConnectOptions, Credentials } from '../../../../src/guest/channel.ts';
import { connectSsh, type LoginPace } from '../../../../src/guest/ssh/connect.ts';
import { never, run } from '../../../support/guest-channel-examples.ts';
import {
  newKeyPair,
  PASSWORD,
  type SshServerOptions,
  startSshServer,
} from '../../../support/guest-ssh-server.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const PACE: LoginPace = { authGrace: 300, authPauses: [50, 100], lostPauses: [20, 40] };

async function server(options: Partial<SshServerOptions> = {}) {
  const home = await scratchFolder();
  await mkdir(join(home, 'tmp'));
  return startSshServer({ home, env: { TMPDIR: join(home, 'tmp') }, ...options });
}

async function open(
  port: number,
  credentials: Partial<Credentials>,
  more: Partial<ConnectOptions> = {},
  signal = never,
) {
  const options: ConnectOptions = { credentials: { user: 'tester', ...credentials }, os: 'linux', ...more };
  const channel = await connectSsh({ host: '127.0.0.1', port }, options, signal, PACE);
  onTestFinished(() => channel.close());
  return channel;
}

describe('credentials', () => {
  const pair = newKeyPair({
    passphrase: 'open sesame',
    cipher: 'aes256-ctr',
    rounds: 4,
  });
  const public_ = ssh2.utils.parseKey(pair.public) as ParsedKey;
  const knowsKey = (context: AuthContext) => {
    if (context.method !== 'publickey') return context.reject(['publickey']);
    const isOurs = context.key.data.equals(public_.getPublicSSH());
    const isSigned =
      context.signature === undefined ||
      context.blob === undefined ||
      public_.verify(context.blob, context.signature, context.hashAlgo) === true;
    if (isOurs && isSigned) context.accept();
    else context.reject(['publickey']);
  };

  test('a key with a passphrase', async () => {
    const { port, hostKey } = await server({ auth: knowsKey });
    const channel = await open(port, { privateKey: pair.private, passphrase: 'open sesame' });
    expect(await run(channel, 'echo in')).toMatchObject({ stdout: 'in\n' });
    expect(channel).toMatchObject({ kind: 'ssh', hostKey });
  });

  test('a key that cannot be used is said before anything is tried', async () => {
    const { port, connections } = await server({ auth: knowsKey });
    for (const wrong of [
      { privateKey: pair.private, passphrase: 'wrong' },
      { privateKey: pair.private },
      { privateKey: pair.public },
      { privateKey: 'no key' },
    ]) {
      await expect(open(port, wrong)).rejects.toMatchObject({ code: 'GUEST_KEY_UNUSABLE', retryable: false });
    }
    await expect(open(port, {})).rejects.toMatchObject({ code: 'GUEST_NO_CREDENTIALS' });
    expect(connections).toHaveLength(0);
  });

  test("the keys of a person's SSH agent", async () => {
    const socket = await sshAgent(pair.private, 'open sesame');
    const { port } = await server({ auth: knowsKey });
    expect(await run(await open(port, { agentSocket: socket }), 'echo in')).toMatchObject({ stdout: 'in\n' });
  });

  test('a password, also where it is asked for interactively, in as many questions as there are', async () => {
    const asked = (context: AuthContext) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      context.prompt(
        [
          { prompt: 'Password: ', echo: false },
          { prompt: 'Again: ', echo: false },
        ],
        (answers) => {
          if (answers.length === 2 && answers.every((answer) => answer === PASSWORD)) context.accept();
          else context.reject();
        },
      );
    };
    for (const auth of [undefined, asked]) {
      const { port } = await server(auth ? { auth } : {});
      expect(await run(await open(port, { password: PASSWORD }), 'echo in')).toMatchObject({
        stdout: 'in\n',
      });
    }
  });

  test('an agent that cannot be asked is named when nothing else helps', async () => {
    const { port } = await server({ auth: knowsKey });
    const agentSocket = join(await scratchFolder(), 'gone.sock');
    await expect(open(port, { agentSocket })).rejects.toMatchObject({
      code: 'GUEST_AUTH_FAILED',
      message: expect.stringContaining('the SSH agent says: Failed to connect'),
    });
  });

  test('are offered in order: key, agent, password, keyboard-interactive', async () => {
    const methods: string[] = [];
    const { port } = await server({
      auth: (context) => {
        methods.push(context.method);
        if (context.method === 'keyboard-interactive') context.accept();
        else context.reject(['publickey', 'password', 'keyboard-interactive']);
      },
    });
    const other = newKeyPair();
    const agentSocket = await sshAgent(other.private);
    await open(port, { privateKey: pair.private, passphrase: 'open sesame', password: 'x', agentSocket });
    expect(methods).toEqual(['publickey', 'publickey', 'password', 'keyboard-interactive']);
  });
});

describe('a refused login', () => {
  test('is final after its grace, with a hint', async () => {
    const { port, connections } = await server();
    const attempts: string[] = [];
    const refused = open(port, { password: 'wrong' }, { onAttempt: (reason) => attempts.push(reason) });
    await expect(refused).rejects.toMatchObject({
      code: 'GUEST_AUTH_FAILED',
      retryable: false,
      message: expect.stringContaining('tester'),
      hint: expect.stringContaining('password, keyboard-interactive'),
    });
    expect(connections.length).toBeGreaterThan(1);
    expect(attempts).toHaveLength(connections.length - 1);
  });

  test('is tried again: right after a boot the account may still be on its way', async () => {
    let tries = 0;
    const { port } = await server({
      auth: (context) => {
        if (context.method === 'password') tries += 1;
        if (context.method === 'password' && tries > 2) context.accept();
        else context.reject(['password']);
      },
    });
    expect(await run(await open(port, { password: PASSWORD }), 'echo in')).toMatchObject({ stdout: 'in\n' });
  });
});

describe('the host key', () => {
  test('that is expected is accepted', async () => {
    const { port, hostKey } = await server();
    expect((await open(port, { password: PASSWORD }, { hostKey })).hostKey).toBe(hostKey);
  });

  test('that has changed is final, with both fingerprints', async () => {
    const { port, hostKey, connections } = await server();
    const expected = `SHA256:${'A'.repeat(43)}`;
    await expect(open(port, { password: PASSWORD }, { hostKey: expected })).rejects.toMatchObject({
      code: 'GUEST_HOST_KEY_CHANGED',
      retryable: false,
      message: `the guest shows the host key ${hostKey}, not ${expected}`,
      hint: expect.stringContaining('host-key'),
    });
    expect(connections).toHaveLength(1);
  });
});

describe('readiness', () => {
  test('is a command that ran, not a login', async () => {
    let logins = 0;
    const { port } = await server({
      onExec: (channel) => {
        logins += 1;
        if (logins > 2) return false;
        channel.stderr.write('System is booting up.\n');
        channel.exit(1);
        channel.end();
        return true;
      },
    });
    const attempts: string[] = [];
    await open(port, { password: PASSWORD }, { onAttempt: (reason) => attempts.push(reason) });
    expect(attempts).toEqual(Array(2).fill(expect.stringContaining('exit code 1: System is booting up.')));
  });

  test('names what an account without a shell says', async () => {
    const home = await scratchFolder();
    const loginShell = join(home, 'nologin');
    await writeFile(loginShell, '#!/bin/sh\necho "This account is currently not available."\nexit 1\n', {
      mode: 0o755,
    });
    const { port } = await server({ loginShell });
    const abort = new AbortController();
    const waiting = open(
      port,
      { password: PASSWORD },
      { onAttempt: (reason) => abort.abort(new Error(reason)) },
      abort.signal,
    );
    await expect(waiting).rejects.toThrow('exit code 1: This account is currently not available.');
  });

  test('survives a server that breaks off, during the login and after it', async () => {
    let number = 0;
    const { port } = await server({
      auth: (context) => {
        number += 1;
        if (number === 1) started.connections.at(-1)?.end();
        else if (context.method === 'password') context.accept();
        else context.reject(['password']);
      },
      onExec: (_channel, _command, connection) => {
        if (number > 2) return false;
        connection.end();
        return true;
      },
    }).then((each) => (started = each));
    expect(await run(await open(port, { password: PASSWORD }), 'echo in')).toMatchObject({ stdout: 'in\n' });
    expect(number).toBe(3);
  });

  test('ends with the signal, whatever it waits for', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const stuck = await server({ onExec: () => true });
    const deaf = await server({ auth: () => {} });
    for (const each of [port, stuck.port, deaf.port]) {
      const abort = new AbortController();
      const waiting = open(each, { password: PASSWORD }, {}, abort.signal);
      setTimeout(() => abort.abort(new Error('out of time')), 200);
      await expect(waiting).rejects.toThrow('out of time');
    }
  });
});

let started: Awaited<ReturnType<typeof startSshServer>>;

test('a server without common algorithms is final', async () => {
  const { port } = await server({ config: { algorithms: { cipher: ['aes256-cbc'] } } });
  await expect(open(port, { password: PASSWORD })).rejects.toMatchObject({
    code: 'GUEST_SSH_INCOMPATIBLE',
    message: expect.stringContaining('cipher'),
  });
});

test('an old server is understood', async () => {
  const { port } = await server({
    config: { algorithms: { kex: ['diffie-hellman-group14-sha1'], cipher: ['aes128-cbc'] } },
  });
  expect(await run(await open(port, { password: PASSWORD }), 'echo in')).toMatchObject({ stdout: 'in\n' });
});

/** An SSH agent in this process, with one key. */
async function sshAgent(privateKey: string, passphrase?: string): Promise<string> {
  const key = ssh2.utils.parseKey(privateKey, passphrase) as ParsedKey;
  const path = join(await scratchFolder(), 'agent.sock');
  const agent = createServer((socket) => {
    const protocol = new ssh2.AgentProtocol(false);
    socket.on('error', () => {});
    protocol.on('identities', (request) => protocol.getIdentitiesReply(request, [key]));
    protocol.on('sign', (request, _public, data, options) =>
      protocol.signReply(request, key.sign(data, options.hash) as Buffer),
    );
    socket.pipe(protocol).pipe(socket);
  });
  await new Promise<void>((resolve) => agent.listen(path, resolve));
  onTestFinished(() => void agent.close());
  return path;
}
