import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { create } from 'tar';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ConnectOptions, GuestChannel } from '../../../../src/guest/channel.ts';
import { connect } from '../../../../src/guest/connect.ts';
import { never, run } from '../../../support/guest-channel-examples.ts';
import { guestClock } from '../../../support/guest-clock.ts';
import { type ConsoleOptions, startConsole } from '../../../support/guest-console.ts';
import { withNoise } from '../../../support/guest-noise.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const credentials = { user: userInfo().username };

async function consoleOf(options: ConsoleOptions = {}): Promise<Duplex> {
  const { env } = await guestClock({ date: 'powerless', clock: 0 });
  return startConsole({
    ...options,
    env: { PATH: `${env.PATH}`, TMPDIR: await scratchFolder(), ...options.env },
  });
}

async function open(
  stream: Duplex,
  options: Partial<ConnectOptions> = {},
  signal = never,
): Promise<GuestChannel> {
  const channel = await connect(
    { kind: 'console', stream },
    { credentials, os: 'linux', ...options },
    signal,
  );
  onTestFinished(() => channel.close());
  return channel;
}

describe('shells at their prompts', () => {
  test.each(['bash --norc -i', 'busybox ash -i', 'PS1="\\$(tput bold)> " dash -i'])('%s', async (command) => {
    const channel = await open(await consoleOf({ command }));
    expect(await run(channel, 'echo hello; exit 3')).toEqual({ exitCode: 3, stdout: 'hello\n', stderr: '' });
    for (const signal of ['INT', 'PIPE', 'TERM', 'SEGV']) {
      expect(await run(channel, `kill -${signal} $$`)).toMatchObject({ signal: `SIG${signal}` });
    }
    for (const exitCode of [130, 137, 141, 143, 255]) {
      expect(await run(channel, `exit ${exitCode}`)).toMatchObject({ exitCode });
    }
  });

  test('without a terminal of its own, as `init` gives a shell', async () => {
    const channel = await open(await consoleOf({ command: 'setsid sh -i' }));
    expect(await run(channel, 'kill -INT $$; echo alive')).toMatchObject({ signal: 'SIGINT', stdout: '' });
  });

  test('get their prompt back, and their terminal', async () => {
    const stream = await consoleOf();
    const channel = await open(stream);
    let shown = '';
    stream.on('data', (chunk) => (shown += chunk));
    stream.destroy = () => stream;
    await channel.close();
    stream.write('stty -a; echo do"ne"\n');
    while (!shown.includes('done')) await new Promise((resolve) => stream.once('data', resolve));
    expect(shown).toMatch(/[^-]echo /);
    expect(shown).toMatch(/-echonl/);
  });
});

test('a guest with no more than POSIX asks for', async () => {
  const bin = join(await scratchFolder(), 'bin');
  await mkdir(bin);
  const tools =
    'sh dash cat cksum chmod date dd env find head id kill mkdir od printf ps rm sleep tar tr xargs test';
  for (const name of tools.split(' ')) await symlink(join('/bin', name), join(bin, name));
  const channel = await open(await consoleOf({ env: { PATH: bin } }));
  expect(
    await run(channel, 'command -v base64 || command -v stty || command -v gzip || echo none'),
  ).toMatchObject({
    stdout: 'none\n',
  });
  const here = await scratchFolder();
  const content = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * index) % 256));
  await writeFile(join(here, 'bytes'), content);
  const there = join(await scratchFolder(), 'there');
  const tar = Readable.from(create({ cwd: here, portable: true }, ['bytes']), { objectMode: false });
  await channel.upload(tar, there, never);
  const archive = Buffer.concat(await (await channel.download(there, ['bytes'], never)).toArray());
  expect(archive.includes(content)).toBe(true);
});

test('a guest without any program for checksums is refused, once and for all', async () => {
  const bin = join(await scratchFolder(), 'bin');
  await mkdir(bin);
  for (const name of 'sh cat mkdir od rm'.split(' ')) await symlink(join('/bin', name), join(bin, name));
  await expect(open(await consoleOf({ env: { PATH: bin } }))).rejects.toMatchObject({
    code: 'GUEST_CONSOLE_UNSUPPORTED',
    retryable: false,
  });
});

describe('a login prompt', () => {
  /** As `getty` and `login` do it; a wrong password takes a while. */
  const login = `sh -c '
    while :; do
      printf "\\nDebian 12 tiny ttyS0\\n\\ntiny login: "; read -r user
      stty -echo; printf "Password: "; read -r password; stty echo; echo
      if [ "$user:$password" = "${credentials.user}:secret" ]; then echo "Welcome."; exec sh -i; fi
      sleep 0.5; echo; echo "Login incorrect"
    done'`;

  test('is answered', async () => {
    const channel = await open(await consoleOf({ command: login }), {
      credentials: { ...credentials, password: 'secret' },
    });
    expect(await run(channel, 'echo in')).toMatchObject({ stdout: 'in\n' });
  });

  test.each([
    ['a wrong password', 'wrong', 'the password is wrong'],
    ['no password', undefined, '`guest.password` is not set'],
  ])('is final with %s', async (_name, password, message) => {
    const opening = open(await consoleOf({ command: login }), {
      credentials: { ...credentials, ...(password === undefined ? {} : { password }) },
    });
    await expect(opening).rejects.toMatchObject({
      code: 'GUEST_AUTH_FAILED',
      retryable: false,
      message: expect.stringContaining(message),
    });
  });
});

describe('a console that is not ready', () => {
  test('is waited for, and what it shows is told', async () => {
    const attempts: string[] = [];
    const stream = await consoleOf({ command: 'sh -c \'echo "[    1.2] booting"; sleep 2; exec sh -i\'' });
    const channel = await open(stream, { onAttempt: (reason) => attempts.push(reason) });
    expect(await run(channel, 'echo up')).toMatchObject({ stdout: 'up\n' });
    expect(attempts[0]).toContain('booting');
  });

  test('is not typed on before the prompt of the settings', async () => {
    const folder = await scratchFolder();
    const command = `sh -c 'printf "(wait) "; sleep 1; read -r a; echo "$a" >${folder}/typed; PS1="ready> "; export PS1; exec sh -i'`;
    const channel = await open(await consoleOf({ command }), { prompt: 'ready>$' });
    const typed = await run(channel, `cat ${folder}/typed`);
    expect(typed).toMatchObject({ exitCode: 0, stdout: '\n' });
  });

  test('ends with the signal, and is closed', async () => {
    const stream = await consoleOf({ command: 'sleep 100' });
    const opening = open(stream, {}, AbortSignal.timeout(500));
    await expect(opening).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(stream.destroyed).toBe(true);
  });
});

describe('what is known already', () => {
  test('takes a server over that an earlier channel has left, without a word to the shell', async () => {
    const stream = await consoleOf();
    const first = await open(stream);
    const { memory = '' } = first;
    stream.destroy = () => stream;
    await first.close(false);
    const sent: string[] = [];
    const write = stream.write.bind(stream);
    stream.write = ((text: string, ...rest: []) => {
      sent.push(text);
      return write(text, ...rest);
    }) as typeof stream.write;
    const second = await open(stream, { memory });
    expect(sent.join('')).toMatch(/^\+[^\n]+\n:\w+\.1 \d+\n$/);
    expect(await run(second, 'echo again')).toMatchObject({ stdout: 'again\n' });
  });

  test('is forgotten where the shell knows nothing of it', async () => {
    const { memory = '' } = await open(await consoleOf());
    const channel = await open(await consoleOf(), { memory });
    expect(await run(channel, 'echo anew')).toMatchObject({ stdout: 'anew\n' });
  });
});

describe('a console that is lost', () => {
  test('with its guest', async () => {
    const stream = await consoleOf();
    const channel = await open(stream);
    const command = run(channel, 'sleep 100');
    setTimeout(() => stream.destroy(), 300);
    await expect(command).rejects.toMatchObject({ code: 'GUEST_CONSOLE_LOST', retryable: true });
    await channel.close();
  });

  test('with its shell, when the guest has started anew', async () => {
    const folder = await scratchFolder();
    const command = `sh -c 'echo $$ >${folder}/pid; exec sh -i'`;
    const channel = await open(await consoleOf({ command }));
    const lost = run(channel, `pkill -KILL -P $(cat ${folder}/pid); sleep 100`);
    await expect(lost).rejects.toMatchObject({ code: 'GUEST_CONSOLE_LOST', retryable: true });
  });
});

test('noise on the line changes no result', { timeout: 120_000 }, async () => {
  const kernel = fc
    .tuple(fc.nat(9999), fc.string({ maxLength: 60 }))
    .map(([time, text]) => `[ ${time}.1] ${text.replace(/[\n~<]/g, ' ')}\r\n`);
  const noise = fc.record({
    after: fc.nat(400),
    text: fc.oneof(
      kernel,
      kernel,
      fc.constantFrom('\r\n', 'x', '\x07', 'AAAA\r\n', '\x1b[1;1H', '~', 'ok ~\r\n', '\xff'),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { minLength: 1, maxLength: 25 }), async (noises) => {
      const { stream } = withNoise(await consoleOf(), noises);
      const channel = await open(stream);
      const script = 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; done; echo err >&2; exit 7';
      const { exitCode, stdout, stderr } = await run(channel, script);
      expect({ exitCode, stderr }).toEqual({ exitCode: 7, stderr: 'err\n' });
      expect(stdout).toBe(Array.from({ length: 300 }, (_, index) => `line ${index + 1}\n`).join(''));
      expect(await run(channel, 'kill -KILL $$')).toMatchObject({ signal: 'SIGKILL' });
      await channel.close();
    }),
    { numRuns: 8 },
  );
});

test('leaves nothing of its own behind', async () => {
  const temporary = await scratchFolder();
  const channel = await open(await consoleOf({ env: { TMPDIR: temporary } }));
  expect(await readdir(temporary)).not.toEqual([]);
  await channel.close();
  expect(await readdir(temporary)).toEqual([]);
});
