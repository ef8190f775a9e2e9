/** What every channel into a Windows guest does, whatever lies beneath. The commands are programs for Node, which is there as well. */
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { GuestChannel, GuestCommand } from '../../src/guest/channel.ts';
import { entriesOf, never, type Ran, run as runWith, tarOf } from './guest-channel-examples.ts';
import { scratchFolder } from './scratch.ts';
import type { WindowsGuest } from './windows-guest.ts';

export interface OpenWindowsChannel {
  channel: GuestChannel;
  guest: WindowsGuest;
}

/** Runs a program for Node in the guest. */
export function run(
  channel: GuestChannel,
  script: string,
  over: Partial<GuestCommand> & { signal?: AbortSignal } = {},
): Promise<Ran> {
  return runWith(channel, script, { shell: 'node {0}', ...over });
}

/** @param streams whether output comes while the command still runs. Default: true. */
export function windowsChannelExamples(
  open: () => Promise<OpenWindowsChannel>,
  { streams = true } = {},
): void {
  test('tells exit code, stdout and stderr apart', async () => {
    const { channel } = await open();
    const script = 'console.log("out"); console.error("err"); process.exitCode = 3';
    expect(await run(channel, script)).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('runs scripts for PowerShell and cmd, with exit codes of 32 bits', async () => {
    const { channel } = await open();
    const powershell =
      "[Console]::OpenStandardOutput().Write([Text.Encoding]::UTF8.GetBytes('grüß dich'), 0, 11)\nexit 7";
    expect(await run(channel, powershell, { shell: 'powershell' })).toMatchObject({
      exitCode: 7,
      stdout: 'grüß dich',
    });
    const cmd = '@echo off\necho out\necho err>&2\nexit /b -1073741819\n';
    expect(await run(channel, cmd, { shell: 'cmd' })).toEqual({
      exitCode: 0xc0000005,
      stdout: 'out\r\n',
      stderr: 'err\r\n',
    });
  });

  test('gives a command no stdin', async () => {
    const { channel } = await open();
    const script = 'process.stdin.resume().on("end", () => console.log("done"))';
    expect(await run(channel, script)).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  });

  test('starts in the folder, made if it is missing', async () => {
    const { channel, guest } = await open();
    const cwd = "C:/new folder/it's 100% ünï";
    const { stdout } = await run(channel, 'console.log(process.cwd())', { cwd });
    expect(stdout).toBe(`${join(guest.drive, cwd.slice(3))}\n`);
    expect((await run(channel, 'console.log(process.cwd())', { cwd: '~/work' })).stdout).toBe(
      `${join(guest.drive, 'Users/tester/work')}\n`,
    );
  });

  test('takes variables and scripts of any size and kind', async () => {
    const { channel } = await open();
    const odd = '\'"$(id)`id`\\ ü€😀\t\r\n\n-n %PATH% ^& "\\';
    const env = { ODD: odd, LONG: 'x'.repeat(32_000), EMPTY: '', 'FOO.BAR': 'a', VMTEST_NODE: '3.10' };
    const script = `/*${'y'.repeat(200_000)}*/ process.stdout.write(JSON.stringify(${JSON.stringify(Object.keys(env))}.map((name) => process.env[name])))`;
    expect(JSON.parse((await run(channel, script, { env })).stdout)).toEqual(Object.values(env));
  });

  test('says so when it is not the command that failed', async () => {
    const { channel, guest } = await open();
    await writeFile(join(guest.drive, 'file'), '');
    await expect(run(channel, '', { cwd: 'C:\\file\\below' })).rejects.toMatchObject({ code: 'GUEST_CWD' });
    await expect(run(channel, '', { cwd: 'C:\\a|b' })).rejects.toMatchObject({
      code: 'GUEST_CWD',
      message: expect.stringContaining('Illegal characters'),
    });
    await expect(run(channel, '', { shell: 'pwsh' })).rejects.toMatchObject({ code: 'GUEST_SHELL_MISSING' });
    await expect(run(channel, '', { env: { Path: 'C:\\nowhere' } })).rejects.toMatchObject({
      code: 'GUEST_SHELL_MISSING',
    });
    expect(await run(channel, 'process.exitCode = 125')).toMatchObject({ exitCode: 125 });
  });

  test('carries large outputs, byte by byte', async () => {
    const { channel } = await open();
    const size = 8 * 1024 * 1024;
    const script = `const all = Buffer.alloc(${size}, Buffer.from(Array.from({ length: 256 }, (_, at) => at))); require('fs').writeSync; process.stdout.write(all); process.stderr.write(Buffer.alloc(1000000, 'e'))`;
    const expected = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    let seen = 0;
    let wrong = 0;
    let errors = 0;
    const exit = await channel.exec(
      { script, shell: 'node {0}', cwd: '.', env: {} },
      {
        onStdout: (chunk) => {
          for (const byte of chunk) {
            if (byte !== expected[seen % 256]) wrong += 1;
            seen += 1;
          }
        },
        onStderr: (chunk) => {
          errors += chunk.length;
        },
      },
      never,
    );
    expect({ exit, seen, wrong, errors }).toEqual({
      exit: { exitCode: 0 },
      seen: size,
      wrong: 0,
      errors: 1_000_000,
    });
  });

  test.runIf(streams)('brings output while the command still runs', async () => {
    const { channel, guest } = await open();
    const stop = join(guest.drive, 'stop');
    let heard = '';
    const script = `console.log("early"); const look = setInterval(() => { if (require("fs").existsSync(${JSON.stringify(stop)})) { clearInterval(look); console.log("late"); } }, 20)`;
    const exit = channel.exec(
      { script, shell: 'node {0}', cwd: '.', env: {} },
      { onStdout: (chunk) => (heard += chunk), onStderr: () => {} },
      never,
    );
    while (heard === '') await delay(10);
    expect(heard).toBe('early\n');
    await writeFile(stop, '');
    await exit;
    expect(heard).toBe('early\nlate\n');
  });

  test('ends the whole process tree when it is aborted', async () => {
    const { channel, guest } = await open();
    const beats = join(guest.drive, 'beats');
    const beat = `setInterval(() => require("fs").appendFileSync(${JSON.stringify(beats)}, "beat\\n"), 20)`;
    const script = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(beat)}], { stdio: "ignore" }); setInterval(() => {}, 1000)`;
    const abort = new AbortController();
    const exec = run(channel, script, { signal: abort.signal });
    exec.catch(() => {});
    while (!(await stat(beats).catch(() => undefined))) await delay(20);
    abort.abort(new Error('enough'));
    await expect(exec).rejects.toThrow('enough');
    const before = await readFile(beats, 'utf8');
    await delay(300);
    expect(await readFile(beats, 'utf8')).toBe(before);
    // And it goes on being of use.
    expect(await run(channel, 'console.log("next")')).toMatchObject({ stdout: 'next\n' });
  });

  test('does not start what is aborted already', async () => {
    const { channel, guest } = await open();
    const file = join(guest.drive, 'started');
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(
      run(channel, `require("fs").writeFileSync(${JSON.stringify(file)}, "")`, { signal }),
    ).rejects.toThrow('too late');
    await expect(channel.list('C:\\', signal)).rejects.toThrow('too late');
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('puts a tree into the guest and brings files of it back', async () => {
    const { channel, guest } = await open();
    const here = await scratchFolder();
    const there = "~/a folder's name";
    const folder = join(guest.drive, "Users/tester/a folder's name");
    const long = `${'long/'.repeat(30)}name`;
    await mkdir(join(here, 'sub/empty'), { recursive: true });
    await mkdir(join(here, long, '..'), { recursive: true });
    await writeFile(join(here, 'run.ps1'), 'exit 0\n');
    await writeFile(join(here, 'sub', "ünï 'x' 100%"), 'text');
    await writeFile(join(here, long), '');
    await writeFile(join(here, 'big'), Buffer.alloc(3_000_000, 'b'));
    await symlink('sub', join(here, 'a-link'));
    await channel.upload(tarOf(here), there, never);
    expect(await readdir(join(folder, 'sub'))).toContain('empty');
    expect(await readlink(join(folder, 'a-link'))).toBe(join(folder, 'sub'));
    expect(
      Math.abs((await stat(join(folder, 'big'))).mtimeMs - (await stat(join(here, 'big'))).mtimeMs),
    ).toBeLessThan(1000);
    const names = ['big', long, 'run.ps1', "sub/ünï 'x' 100%"];
    expect((await channel.list(there, never)).sort()).toEqual(names);
    const files = ['run.ps1', "sub/ünï 'x' 100%", 'gone', 'big', long];
    expect(await entriesOf(await channel.download(there, files, never))).toEqual([
      ['./run.ps1', 7],
      ["./sub/ünï 'x' 100%", 4],
      ['./big', 3_000_000],
      [`./${long}`, 0],
    ]);
  });

  test('brings nothing, as an archive, when all files have vanished', async () => {
    const { channel } = await open();
    expect(await entriesOf(await channel.download('.', ['gone'], never))).toEqual([]);
  });

  test('knows folders that are missing, and names what cannot be unpacked or fetched', async () => {
    const { channel, guest } = await open();
    const here = await scratchFolder();
    await writeFile(join(here, 'a:b'), '');
    await writeFile(join(guest.drive, 'file'), '');
    expect(await channel.list('C:\\missing', never)).toEqual([]);
    await expect(channel.upload(tarOf(here), 'C:\\x', never)).rejects.toMatchObject({
      code: 'GUEST_UPLOAD_FAILED',
      message: expect.stringContaining('a:b'),
    });
    await expect(channel.upload(tarOf(here), 'C:\\file\\x', never)).rejects.toMatchObject({
      code: 'GUEST_UPLOAD_FAILED',
    });
    await expect(channel.download('.', ['a\\b'], never)).rejects.toMatchObject({
      code: 'GUEST_PATH_UNSUPPORTED',
    });
    expect(await entriesOf(await channel.download('C:\\missing', ['x'], never))).toEqual([]);
  });

  test('names the right that links take', async () => {
    const { channel, guest } = await open();
    const here = await scratchFolder();
    await symlink('.', join(here, 'link'));
    guest.setFaults('no-links');
    await expect(channel.upload(tarOf(here), 'C:\\x', never)).rejects.toMatchObject({
      message: expect.stringContaining('Administrator privilege required'),
    });
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
    await expect(channel.upload(broken, 'C:\\x', never)).rejects.toThrow('the disk here is broken');
    expect(await run(channel, 'console.log("next")')).toMatchObject({ stdout: 'next\n' });
  });

  test('leaves nothing behind', async () => {
    const { channel, guest } = await open();
    await run(channel, 'console.log("out")');
    await channel.upload(tarOf(await scratchFolder()), 'C:\\x', never);
    expect(await readdir(guest.temporary)).not.toEqual([]);
    await channel.close();
    expect(await readdir(guest.temporary)).toEqual([]);
    await channel.close();
  });
}
