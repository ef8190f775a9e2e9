import { spawnSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Connection } from 'ssh2';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { GuestChannel } from '../../../../src/guest/channel.ts';
import { connect } from '../../../../src/guest/connect.ts';
import { bootCommand } from '../../../../src/guest/ssh/boot.ts';
import { never, run } from '../../../support/guest-channel-examples.ts';
import {
  PASSWORD,
  type SshServerOptions,
  startSshServer,
  type TestSshServer,
} from '../../../support/guest-ssh-server.ts';
import { scratchFolder } from '../../../support/scratch.ts';

async function open(
  options: Partial<SshServerOptions> = {},
): Promise<{ channel: GuestChannel; server: TestSshServer }> {
  const home = await scratchFolder();
  await mkdir(join(home, 'tmp'));
  const server = await startSshServer({ home, env: { TMPDIR: join(home, 'tmp') }, ...options });
  const channel = await connect(
    { kind: 'ssh', host: '127.0.0.1', port: server.port },
    { credentials: { user: 'tester', password: PASSWORD }, os: 'linux' },
    never,
  );
  onTestFinished(() => channel.close());
  return { channel, server };
}

type OnExec = NonNullable<SshServerOptions['onExec']>;

/** Lets the first command (the look around) pass. */
function afterTheFirst(onExec: OnExec): OnExec {
  let commands = 0;
  return (...args) => {
    commands += 1;
    return commands > 1 && onExec(...args);
  };
}

const LOST = { code: 'GUEST_CONNECTION_LOST', retryable: true };

/** As a machine that is switched off, seen through a forwarder. */
const cut = (connection: Connection) =>
  (connection as unknown as { _sock: { destroy(): void } })._sock.destroy();

describe('a connection that is lost', () => {
  test('in the middle of a command is never an exit', async () => {
    for (const lose of [cut, (connection: Connection) => connection.end()]) {
      const { channel } = await open({
        onExec: afterTheFirst((stream, _command, connection) => {
          stream.write('half a result\n');
          setTimeout(() => lose(connection), 50);
          return true;
        }),
      });
      await expect(run(channel, 'true')).rejects.toMatchObject(LOST);
      // Nor is anything after it.
      await expect(run(channel, 'true')).rejects.toMatchObject(LOST);
      await expect(channel.list('.', never)).rejects.toMatchObject(LOST);
    }
  });

  test('breaks a download, rather than shortening it', async () => {
    const { channel } = await open({
      onExec: afterTheFirst((stream, _command, connection) => {
        stream.write(Buffer.alloc(1024));
        setTimeout(() => cut(connection), 50);
        return true;
      }),
    });
    const download = await channel.download('.', ['x'], never);
    const read = async () => {
      for await (const _ of download);
    };
    await expect(read()).rejects.toMatchObject(LOST);
  });

  test('is not waited for when the channel is closed', async () => {
    const { channel, server } = await open();
    for (const connection of server.connections) cut(connection);
    await channel.close();
  });
});

test('a command that ends without saying how is no success', async () => {
  const { channel } = await open({
    onExec: afterTheFirst((stream) => {
      stream.end('looks fine\n');
      return true;
    }),
  });
  await expect(run(channel, 'true')).rejects.toMatchObject(LOST);
});

test('exit codes of Windows and signals come as they are', async () => {
  const answers: [number | string][] = [[4_294_967_295], ['SEGV']];
  const { channel } = await open({
    onExec: afterTheFirst((stream) => {
      const [answer] = answers.shift() ?? [0];
      if (typeof answer === 'number') stream.exit(answer);
      else stream.exit(answer, true, 'core dumped');
      stream.end();
      return true;
    }),
  });
  expect(await run(channel, 'true')).toMatchObject({ exitCode: 4_294_967_295 });
  expect(await run(channel, 'true')).toEqual({ signal: 'SIGSEGV', stdout: '', stderr: '' });
});

test('an exit that arrives together with the start is heard', async () => {
  const socketOf = (connection: Connection) => (connection as unknown as { _sock: Socket })._sock;
  const { channel, server } = await open({
    onExec: afterTheFirst((stream, _command, connection) => {
      stream.exit(7);
      stream.end();
      setImmediate(() => socketOf(connection).uncork());
      return true;
    }),
  });
  for (const connection of server.connections) connection.on('session', () => socketOf(connection).cork());
  expect(await run(channel, 'true')).toMatchObject({ exitCode: 7 });
});

test('a server that refuses commands is no lost connection', async () => {
  const { channel, server } = await open();
  for (const connection of server.connections) {
    connection.removeAllListeners('session');
    connection.on('session', (_accept, reject) => reject());
  }
  await expect(run(channel, 'true')).rejects.toMatchObject({ code: 'GUEST_COMMAND_REFUSED' });
});

test('a guest that no longer answers is left in the end', async () => {
  const { channel } = await open({ onExec: afterTheFirst(() => true) });
  const abort = new AbortController();
  const stuck = run(channel, 'true', { signal: abort.signal });
  setTimeout(() => abort.abort(new Error('enough')), 50);
  // Killing it is tried, and given up.
  await expect(stuck).rejects.toThrow('enough');
  await channel.close();
});

test('half a script, of a connection that broke, is not run', async () => {
  const folder = await scratchFolder();
  const script = `touch ${folder}/one\ntouch ${folder}/two`;
  const boot = (input: string) =>
    spawnSync('sh', ['-c', bootCommand('one\ntwo\n', 'mark')], { input, encoding: 'utf8' });
  for (const part of ['', script.slice(0, 20), `touch ${folder}/one\n`, script]) {
    expect(boot(part)).toMatchObject({ status: 1, stdout: '' });
  }
  expect(await readdir(folder)).toEqual([]);
  expect(boot(`${script}\n`)).toMatchObject({ status: 0, stdout: 'mark' });
  expect(await readdir(folder)).toEqual(['one', 'two']);
});

test('a guest whose tools fail says which and how', async () => {
  const bin = await scratchFolder();
  for (const tool of ['xargs', 'find', 'tar']) {
    await writeFile(join(bin, tool), `#!/bin/sh\necho "${tool}: broken" >&2\nexit 127\n`, { mode: 0o755 });
  }
  const { channel } = await open({ env: { PATH: `${bin}:${process.env['PATH']}` } });
  await expect(channel.list(bin, never)).rejects.toMatchObject({
    code: 'GUEST_LIST_FAILED',
    message: `the files in ${bin} of the guest could not be listed (exit code 127): find: broken`,
  });
  const read = async () => {
    for await (const _ of await channel.download(bin, ['x'], never));
  };
  await expect(read()).rejects.toMatchObject({
    code: 'GUEST_DOWNLOAD_FAILED',
    message: expect.stringContaining('xargs: broken'),
  });
  await expect(channel.upload(Readable.from([Buffer.alloc(1024)]), bin, never)).rejects.toMatchObject({
    code: 'GUEST_UPLOAD_FAILED',
    message: expect.stringContaining('tar: broken'),
  });
});

describe('an account whose login shell is', () => {
  test.for(['bash', 'zsh', 'fish', 'tcsh', 'csh'])('%s', async (loginShell, { skip }) => {
    skip(spawnSync(loginShell, ['-c', 'exit 0']).status !== 0, `${loginShell} is not installed`);
    const { channel } = await open({ loginShell });
    const odd = `it's "$HOME" !! \\ \n~`;
    expect(await run(channel, 'printf %s "$ODD"', { env: { ODD: odd }, cwd: 'a b' })).toMatchObject({
      exitCode: 0,
      stdout: odd,
    });
    expect(await run(channel, 'kill -KILL $$')).toMatchObject({ signal: 'SIGKILL' });
  });
});

test('what start-up files print does no harm', async () => {
  const folder = await scratchFolder();
  const loginShell = join(folder, 'noisy');
  await writeFile(loginShell, '#!/bin/sh\necho "Welcome to the guest!"\nexec sh "$@"\n', { mode: 0o755 });
  await writeFile(join(folder, 'file'), 'text');
  const { channel } = await open({ loginShell });
  expect(await run(channel, 'echo mine')).toMatchObject({ exitCode: 0, stdout: 'mine\n' });
  expect(await channel.list(folder, never)).toEqual(expect.arrayContaining(['file', 'noisy']));
  const chunks: Buffer[] = [];
  for await (const chunk of await channel.download(folder, ['file'], never)) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString('latin1')).toMatch(/^\.\/file\0/);
});
