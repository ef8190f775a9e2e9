/** What every channel into a POSIX guest does, whatever lies beneath. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { create, list as listTar } from 'tar';
import { expect, test, vi } from 'vitest';
import type { GuestChannel, GuestCommand, GuestExit } from '../../src/guest/channel.ts';
import { timeoutError } from '../../src/host/errors.ts';
import { scratchFolder } from './scratch.ts';

/** On a busy host. */
const PATIENCE_MS = 30_000;

export const never = new AbortController().signal;

export interface OpenChannel {
  channel: GuestChannel;
  /** Where the channel keeps its own files. */
  temporary: string;
}

export interface Ran extends GuestExit {
  stdout: string;
  stderr: string;
}

/** Runs a script in a folder of the test's own. */
export async function run(
  channel: GuestChannel,
  script: string,
  over: Partial<GuestCommand> & { signal?: AbortSignal } = {},
): Promise<Ran> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const { signal = never, ...command } = over;
  const exit = await channel.exec(
    { script, shell: 'sh', cwd: '.', env: {}, ...command },
    { onStdout: (chunk) => stdout.push(chunk), onStderr: (chunk) => stderr.push(chunk) },
    signal,
  );
  return { ...exit, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** @param tellsSignals whether an end by a signal is told as such, rather than as exit code 128 and more. Default: true. */
export function channelExamples(open: () => Promise<OpenChannel>, { tellsSignals = true } = {}): void {
  test('tells exit code, stdout and stderr apart', async () => {
    const { channel } = await open();
    expect(await run(channel, 'echo out; echo err >&2; exit 3')).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('tells the signal that ended a command', async () => {
    const { channel } = await open();
    expect(await run(channel, 'kill -KILL $$')).toMatchObject(
      tellsSignals ? { signal: 'SIGKILL' } : { exitCode: 137 },
    );
    // A shell that reports such an end of a child has itself ended normally.
    expect(await run(channel, "sh -c 'kill -TERM $$'")).toMatchObject({ exitCode: 143 });
  });

  test('gives a command no stdin', async () => {
    const { channel } = await open();
    expect(await run(channel, 'cat; echo done')).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  });

  test('starts in the folder, made if it is missing', async () => {
    const { channel } = await open();
    const cwd = join(await scratchFolder(), "new 'one", '-x');
    expect(await run(channel, 'pwd', { cwd })).toMatchObject({ stdout: `${cwd}\n` });
  });

  test('takes variables and scripts of any size and kind', async () => {
    const { channel } = await open();
    const odd = '\'"$(id)`id`\\ ü€😀\t\n\n-n';
    const env = { ODD: odd, LONG: 'x'.repeat(100_000), EMPTY: '' };
    const long = `# ${'y'.repeat(200_000)}\n`;
    const script = `${long}printf '%s|%s|%s' "$ODD" "\${#LONG}" "$EMPTY"`;
    expect((await run(channel, script, { env })).stdout).toBe(`${odd}|100000|`);
  });

  test('says so when it is not the command that failed', async () => {
    const { channel } = await open();
    const file = join(await scratchFolder(), 'file');
    await writeFile(file, '');
    await expect(run(channel, 'true', { cwd: join(file, 'below') })).rejects.toMatchObject({
      code: 'GUEST_CWD',
      message: expect.stringMatching(/Not a directory|File exists|not a directory/i),
    });
    await expect(run(channel, 'true', { env: { PATH: '/nonexistent' } })).rejects.toMatchObject({
      code: 'GUEST_SHELL_MISSING',
    });
    expect(await run(channel, 'exit 125')).toMatchObject({ exitCode: 125 });
  });

  test('carries large outputs, byte by byte', async () => {
    const { channel } = await open();
    const bytes = 50_000_000;
    let seen = 0;
    let wrong = 0;
    let errors = 0;
    const exit = await channel.exec(
      {
        script: `head -c ${bytes} /dev/zero | tr '\\0' 'z'; head -c 5000000 /dev/zero >&2`,
        shell: 'sh',
        cwd: '.',
        env: {},
      },
      {
        onStdout: (chunk) => {
          seen += chunk.length;
          if (chunk.some((byte) => byte !== 0x7a)) wrong += 1;
        },
        onStderr: (chunk) => {
          errors += chunk.length;
        },
      },
      never,
    );
    expect({ exit, seen, wrong, errors }).toEqual({
      exit: { exitCode: 0 },
      seen: bytes,
      wrong: 0,
      errors: 5_000_000,
    });
  });

  test('brings output while the command still runs', async () => {
    const { channel } = await open();
    const folder = await scratchFolder();
    const stop = join(folder, 'stop');
    let heard = '';
    const exit = channel.exec(
      {
        script: `echo early; while [ ! -e ${stop} ]; do sleep 0.05; done; echo late`,
        shell: 'sh',
        cwd: folder,
        env: {},
      },
      { onStdout: (chunk) => (heard += chunk), onStderr: () => {} },
      never,
    );
    while (heard === '') await delay(10);
    expect(heard).toBe('early\n');
    await writeFile(stop, '');
    await exit;
    expect(heard).toBe('early\nlate\n');
  });

  test('does not wait for a child that was left behind and keeps stdout open', async () => {
    const { channel } = await open();
    const folder = await scratchFolder();
    const script = `while [ -d ${folder} ]; do sleep 0.1; done & echo done`;
    expect(await run(channel, script)).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  });

  test('does not wait for a child that was left behind and goes on printing', async () => {
    const { channel } = await open();
    const folder = await scratchFolder();
    const script = `while [ -d ${folder} ]; do echo noise; sleep 0.1; done & echo done`;
    const { exitCode, stdout } = await run(channel, script);
    expect({ exitCode, done: stdout.includes('done\n') }).toEqual({ exitCode: 0, done: true });
  });

  test('ends the whole process group when it is aborted, also what ignores TERM', async () => {
    const { channel } = await open();
    const folder = await scratchFolder();
    const beat = (name: string) => `while :; do echo beat >>${name}; sleep 0.02; done`;
    const script = `cd ${folder}; (trap '' TERM; ${beat('stubborn')}) & (${beat('meek')}) & echo started; wait`;
    const abort = new AbortController();
    const exec = channel.exec(
      { script, shell: 'sh', cwd: folder, env: {} },
      { onStdout: () => abort.abort(new Error('enough')), onStderr: () => {} },
      abort.signal,
    );
    await expect(exec).rejects.toThrow('enough');
    const beats = () =>
      Promise.all(['stubborn', 'meek'].map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
    const before = await beats();
    await delay(300);
    expect(await beats()).toEqual(before);
    // And it goes on being of use.
    expect(await run(channel, 'echo next')).toMatchObject({ stdout: 'next\n' });
  });

  test('tells what a command had printed when its deadline ended it', async () => {
    const { channel } = await open();
    const printed = join(await scratchFolder(), 'printed');
    const abort = new AbortController();
    let output = '';
    const tell = (chunk: Buffer) => {
      output += chunk;
    };
    const exec = channel.exec(
      {
        script: `echo out; echo err >&2; : >${printed}; exec sleep 60`,
        shell: 'sh',
        cwd: '.',
        env: {},
      },
      { onStdout: tell, onStderr: tell },
      abort.signal,
    );
    await vi.waitUntil(() => existsSync(printed), { timeout: PATIENCE_MS, interval: 5 });
    // For a line that is only slow to bring it.
    await delay(50);
    abort.abort(timeoutError('the command', 1));
    await expect(exec).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(output).toContain('out\n');
    expect(output).toContain('err\n');
  });

  test('does not start what is aborted already', async () => {
    const { channel } = await open();
    const file = join(await scratchFolder(), 'file');
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(run(channel, `echo >${file}`, { signal })).rejects.toThrow('too late');
    await expect(channel.list('/', signal)).rejects.toThrow('too late');
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('puts a tree into the guest and brings files of it back', async () => {
    const { channel } = await open();
    const here = await scratchFolder();
    const there = join(await scratchFolder(), "a folder's", 'name');
    await mkdir(join(here, 'sub/empty'), { recursive: true });
    await writeFile(join(here, 'run.sh'), '#!/bin/sh\necho ran\n', { mode: 0o755 });
    await writeFile(join(here, 'sub', 'ünï "x"'), 'text');
    await writeFile(join(here, 'big'), Buffer.alloc(3_000_000, 'b'));
    await symlink('sub', join(here, 'link'));
    await channel.upload(tarOf(here), there, never);
    expect((await stat(join(there, 'run.sh'))).mode & 0o777).toBe(0o755);
    expect(await readdir(join(there, 'sub'))).toContain('empty');
    expect((await channel.list(there, never)).sort()).toEqual(['big', 'run.sh', 'sub/ünï "x"']);
    const files = ['run.sh', 'sub/ünï "x"', 'gone', 'big'];
    expect(await entriesOf(await channel.download(there, files, never))).toEqual([
      ['./run.sh', 19],
      ['./sub/ünï "x"', 4],
      ['./big', 3_000_000],
    ]);
  });

  test('brings nothing, as an archive, when all files have vanished', async () => {
    const { channel } = await open();
    expect(await entriesOf(await channel.download(await scratchFolder(), ['gone'], never))).toEqual([]);
  });

  test('knows folders that are missing, and names what cannot be unpacked or fetched', async () => {
    const { channel } = await open();
    const folder = await scratchFolder();
    await writeFile(join(folder, 'file'), '');
    expect(await channel.list(join(folder, 'missing'), never)).toEqual([]);
    await expect(channel.upload(tarOf(folder), join(folder, 'file/x'), never)).rejects.toMatchObject({
      code: 'GUEST_UPLOAD_FAILED',
      message: expect.stringMatching(/Not a directory/i),
    });
    await expect(channel.download(folder, ['a\\b'], never)).rejects.toMatchObject({
      code: 'GUEST_PATH_UNSUPPORTED',
    });
    expect(await entriesOf(await channel.download(join(folder, 'missing'), ['x'], never))).toEqual([]);
  });

  test('fails with the source of an upload', async () => {
    const { channel } = await open();
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(512);
        throw new Error('the disk here is broken');
      })(),
      { objectMode: false },
    );
    await expect(channel.upload(broken, await scratchFolder(), never)).rejects.toThrow(
      'the disk here is broken',
    );
    expect(await run(channel, 'echo next')).toMatchObject({ stdout: 'next\n' });
  });

  test('leaves nothing behind', async () => {
    const { channel, temporary } = await open();
    await run(channel, 'echo out; head -c 3000000 /dev/zero');
    await channel.upload(tarOf(await scratchFolder()), await scratchFolder(), never);
    expect(await readdir(temporary)).not.toEqual([]);
    await channel.close();
    expect(await readdir(temporary)).toEqual([]);
    await channel.close();
  });
}

export function tarOf(folder: string): Readable {
  return Readable.from(create({ cwd: folder, portable: true }, ['.']), { objectMode: false });
}

export async function entriesOf(tar: Readable): Promise<[string, number][]> {
  const entries: [string, number][] = [];
  const parser = listTar({ onReadEntry: (entry) => entries.push([entry.path, entry.size]) });
  for await (const chunk of tar) parser.write(chunk);
  parser.end();
  return entries;
}
