/**
 * An SSH server in this process, of ssh2's own making, that runs commands on this host as a guest's sshd would: each in
 * a session of its own, the exit told when the process ends, the channel closed when its outputs are.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import pLimit from 'p-limit';
import ssh2, { type AuthContext, type Connection, type ServerChannel, type ServerConfig } from 'ssh2';
import { onTestFinished } from 'vitest';
import { fingerprint } from '../../src/guest/ssh/host-key.ts';

export interface SshServerOptions {
  /** Where commands start, and their HOME. */
  home: string;
  /** Decides about a login. Default: the password `secret`. */
  auth?: (context: AuthContext) => void;
  /** Runs commands as `shell -c command`. Default: `sh`. */
  loginShell?: string;
  /** Takes a command instead of the host; true when it has. */
  onExec?: (channel: ServerChannel, command: string, connection: Connection) => boolean;
  env?: Record<string, string>;
  config?: Partial<ServerConfig>;
}

export interface TestSshServer {
  port: number;
  /** `SHA256:…` */
  hostKey: string;
  connections: Connection[];
  /** Commands that clients asked for. */
  commands: string[];
}

export const PASSWORD = 'secret';

/** A pair whose public half can be read back: ssh2 1.17 was once seen to make one that it cannot read itself. */
export function newKeyPair(options?: Parameters<typeof ssh2.utils.generateKeyPairSync>[1]) {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', options);
    if (!(ssh2.utils.parseKey(pair.public) instanceof Error)) return pair;
  }
}

export async function startSshServer(options: SshServerOptions): Promise<TestSshServer> {
  const key = newKeyPair();
  const public_ = ssh2.utils.parseKey(key.public);
  if (public_ instanceof Error || Array.isArray(public_)) throw new Error('no key');
  const started: TestSshServer = {
    port: 0,
    hostKey: fingerprint(public_.getPublicSSH()),
    connections: [],
    commands: [],
  };
  const children = new Set<ChildProcessWithoutNullStreams>();
  const server = new ssh2.Server({ ...options.config, hostKeys: [key.private] }, (connection) => {
    started.connections.push(connection);
    connection.on('error', () => {});
    connection.on('authentication', options.auth ?? acceptPassword);
    connection.on('session', (acceptSession) => {
      acceptSession().on('exec', (accept, _reject, { command }) => {
        started.commands.push(command);
        const channel = accept();
        if (options.onExec?.(channel, command, connection)) return;
        const child = spawn(options.loginShell ?? 'sh', ['-c', command], {
          cwd: options.home,
          env: { ...process.env, HOME: options.home, ...options.env },
          detached: true,
        });
        children.add(child);
        serve(channel, child);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  started.port = (server.address() as AddressInfo).port;
  onTestFinished(() => {
    for (const connection of started.connections) connection.end();
    server.close();
    for (const child of children) killGroup(child.pid);
  });
  return started;
}

export function acceptPassword(context: AuthContext): void {
  if (context.method === 'password' && context.password === PASSWORD) context.accept();
  else context.reject(['password']);
}

/** @param codeOf the exit code that is told. Default: the process's own. */
export function serve(
  channel: ServerChannel,
  child: ChildProcessWithoutNullStreams,
  codeOf: (code: number) => number = (code) => code,
): void {
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});
  child.stdin.on('error', () => {});
  channel.pipe(child.stdin);
  child.once('exit', (code, signal) => {
    if (signal) channel.exit(signal.replace(/^SIG/, ''));
    else channel.exit(codeOf(code ?? 0));
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  // Broken off by a channel that was closed before.
  Promise.all([closed, forward(child, channel)]).then(
    () => channel.end(),
    () => {},
  );
  channel.once('close', () => {
    child.stdout.destroy();
    child.stderr.destroy();
    child.stdin.destroy();
  });
}

/** Piece by piece, in turns: of two outputs that wait for the client's window, ssh2 1.17 may wake only one. */
async function forward(child: ChildProcessWithoutNullStreams, channel: ServerChannel): Promise<void> {
  const inTurn = pLimit(1);
  const copy = async (from: Readable, to: Writable) => {
    for await (const chunk of from) await inTurn(() => send(chunk, to, channel));
  };
  await Promise.all([copy(child.stdout, channel), copy(child.stderr, channel.stderr)]);
}

/**
 * Resolves when ssh2 has sent it. What stdout could not send at once, ssh2 1.17 remembers for good: the next time that
 * stderr waits, it sends those bytes again instead, calls their callback a second time, and so closes the channel.
 */
async function send(chunk: Buffer, to: Writable, channel: ServerChannel): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    to.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
  Object.assign(channel, { _chunk: undefined, _chunkcb: undefined });
}

/** Ends a process, and its group if it leads one. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
