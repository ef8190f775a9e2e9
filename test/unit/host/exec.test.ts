import { spawn as start } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { exec, showArgv, spawn } from '../../../src/host/exec.ts';
import { scratchFolder } from '../../support/scratch.ts';

const node = process.execPath;

describe('exec', () => {
  test('answers with exit code and both streams, in the C locale', async () => {
    const script = 'console.log(process.env.LC_ALL); console.error("e"); process.exit(3)';
    expect(await exec([node, '-e', script])).toEqual({
      exitCode: 3,
      signal: undefined,
      stdout: 'C\n',
      stderr: 'e\n',
    });
  });

  test('passes arguments as they are, without a shell', async () => {
    const odd = ['$(id)', 'a b', "'", '"', '--', '*'];
    const { stdout } = await exec([
      node,
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1)))',
      '--',
      ...odd,
    ]);
    expect(JSON.parse(stdout)).toEqual(odd);
  });

  test('a Ctrl-C in the terminal does not reach the command, which may be taking a machine away', async () => {
    const fixture = fileURLToPath(new URL('../../fixtures/exec-in-group.ts', import.meta.url));
    const begun = join(await scratchFolder(), 'begun');
    const shell = start(node, ['--import', 'tsx', fixture, begun], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    shell.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    const ended = once(shell, 'close');
    await vi.waitUntil(() => existsSync(begun), { timeout: 15_000, interval: 10 });
    process.kill(-(shell.pid as number), 'SIGINT');
    await ended;
    expect(JSON.parse(said)).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  });

  test('gives input, and an empty stdin otherwise', async () => {
    const echo = 'process.stdin.pipe(process.stdout)';
    expect((await exec([node, '-e', echo], { input: 'hello' })).stdout).toBe('hello');
    expect((await exec([node, '-e', echo])).stdout).toBe('');
  });

  test('names a program that is not there', async () => {
    await expect(exec(['no-such-program-here'])).rejects.toMatchObject({
      code: 'COMMAND_NOT_FOUND',
      message: 'the program no-such-program-here was not found',
    });
    await expect(spawn([join('/', 'no', 'such')])).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' });
  });

  test('ends a command at its deadline, and says which', async () => {
    const hang = exec([node, '-e', 'setInterval(() => {}, 1000)'], { timeout: 200 });
    await expect(hang).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('setInterval'),
    });
  });

  test.for([
    { way: 'that ends', after: '', becomes: { exitCode: 0 } },
    {
      way: 'that is ended at its deadline',
      after: 'setInterval(() => {}, 1000)',
      becomes: { code: 'TIMEOUT' },
    },
  ])('does not wait for a service that holds the output of a command $way', async ({ after, becomes }) => {
    const pidFile = join(await scratchFolder(), 'service');
    const service = `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 120_000)'], { detached: true, stdio: 'inherit' })`;
    const script = `const service = ${service};
      require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(service.pid));
      service.unref();
      console.log('started');
      ${after}`;
    const answer = await exec([node, '-e', script], { timeout: 5_000 }).catch((error: unknown) => error);
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
    expect(answer).toMatchObject(becomes);
    if ('exitCode' in becomes) expect(answer).toMatchObject({ stdout: 'started\n' });
  });

  test('throws the reason of its signal', async () => {
    const abort = new AbortController();
    const hang = exec([node, '-e', 'setInterval(() => {}, 1000)'], { signal: abort.signal });
    abort.abort(new Error('interrupted'));
    await expect(hang).rejects.toThrow('interrupted');
  });

  test('reports the signal that ended a command', async () => {
    expect(await exec([node, '-e', 'process.kill(process.pid, "SIGKILL")'])).toMatchObject({
      exitCode: undefined,
      signal: 'SIGKILL',
    });
  });
});

test('spawn tells of output and of the end', async () => {
  let stderr = '';
  const child = await spawn([node, '-e', 'console.error("bye"); process.exit(7)'], {
    onStderr: (text) => {
      stderr += text;
    },
  });
  expect(await child.ended).toEqual({ exitCode: 7, signal: undefined });
  expect(stderr).toBe('bye\n');
});

test('shows a command as a person would type it', () => {
  expect(showArgv(['qemu-img', 'info', "it's"])).toBe(`qemu-img info 'it'\\''s'`);
});

describe('spawn with pipes', () => {
  test('carries bytes both ways', async () => {
    const child = await spawn([node, '-e', 'process.stdin.pipe(process.stdout)'], { pipes: true });
    const bytes = Buffer.from([0, 0xff, 0xfe, 10, 13]);
    child.pipes?.stdin.end(bytes);
    const seen: Buffer[] = [];
    for await (const chunk of child.pipes?.stdout ?? []) seen.push(chunk as Buffer);
    expect(Buffer.concat(seen)).toEqual(bytes);
    expect(await child.pipes?.exited).toEqual({ exitCode: 0, signal: undefined });
  });

  test.skipIf(process.platform === 'win32')('ends what the program has started, too', async () => {
    const child = await spawn(['sh', '-c', 'sleep 600 & echo ready; exit'], { pipes: true });
    for await (const chunk of child.pipes?.stdout ?? []) {
      // It has ended, but its child holds stdout open: without the group's end this would not come to its own.
      expect(String(chunk)).toBe('ready\n');
      await child.pipes?.exited;
      child.kill('SIGTERM', true);
    }
    await child.ended;
    // A group that is gone is no error.
    child.kill('SIGKILL', true);
  });
});
