import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GuestCommand } from '../../../../src/guest/channel.ts';
import {
  commandScript,
  failedStep,
  fromStdin,
  STEP_EXIT_CODE,
} from '../../../../src/guest/shell/command-script.ts';
import { runFile, runIn, type Shell, type ShellRun, shells } from '../../../support/guest-shells.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const SECRET = 'vmtest-secret';
const TRUE: GuestCommand = { script: 'true', shell: 'sh', cwd: '.', env: {} };
const NOWHERE = { folder: '/nowhere', pid: '/nowhere/1.pid', script: '/nowhere/1.script' };

async function runCommand(
  shell: Shell,
  command: Partial<GuestCommand>,
  folder?: string,
): Promise<ShellRun & { folder: string }> {
  const home = folder ?? (await scratchFolder());
  const files = { folder: home, pid: join(home, '1.pid'), script: join(home, '1.script') };
  const script = commandScript({ ...TRUE, ...command }, files, '', SECRET);
  // From a file, since the longest are longer than an argument can be.
  const file = join(home, '1.command');
  await writeFile(file, script);
  return { ...runFile(shell, file, { env: { ...process.env, HOME: home } }), folder: home };
}

describe.each(shells)('as $name reads it', (shell) => {
  test('the command has exactly its script, its variables and its folder', async () => {
    const value = fc.string({ unit: 'binary', maxLength: 60 }).filter((each) => !each.includes('\0'));
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/).map((each) => `V_${each}`);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 5 }), value, async (env, comment) => {
        const words = Object.keys(env).map((each) => `"$${each}"`);
        const script = `printf '%s\\0' ${words.join(' ')} "$PWD"\nexit 7\n${comment}`;
        const ran = await runCommand(shell, { script, env, cwd: 'a b/c' });
        expect(ran).toMatchObject({ status: 7, stderr: '' });
        expect(ran.stdout.split('\0').slice(0, -1)).toEqual([
          ...Object.values(env),
          join(ran.folder, 'a b/c'),
        ]);
        expect(await readFile(join(ran.folder, '1.script'), 'utf8')).toBe(script);
      }),
      { numRuns: 25 },
    );
  });

  test('the process that was started becomes the command', async () => {
    const { folder, stdout, signal } = await runCommand(shell, { script: 'echo $$; kill -KILL $$' });
    expect(signal).toBe('SIGKILL');
    expect(stdout).toBe(await readFile(join(folder, '1.pid'), 'utf8'));
  });

  test('steps that fail are told from commands that fail', async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, 'file'), '');
    const cwd = await runCommand(shell, { cwd: 'file/below' }, folder);
    expect(cwd.status).toBe(STEP_EXIT_CODE);
    expect(failedStep(cwd.stderr, SECRET)).toMatchObject({
      step: 'cwd',
      reason: expect.stringMatching(/mkdir/),
    });
    const missing = await runCommand(shell, { shell: 'pwsh', env: { PATH: '/nonexistent' } });
    expect(failedStep(missing.stderr, SECRET)).toEqual({ step: 'shell', reason: '' });
    expect(missing.status).toBe(STEP_EXIT_CODE);
    const own = await runCommand(shell, { script: `exit ${STEP_EXIT_CODE}` });
    expect(own).toMatchObject({ status: STEP_EXIT_CODE, stderr: '' });
  });

  test('a script from stdin becomes the command; one that cannot be kept is a failed step', async () => {
    const folder = join(await scratchFolder(), 'gone');
    const input = 'echo "it is $0"; exit 7';
    const script = join(folder, '1.command');
    const kept = runIn(shell, fromStdin({ folder, script }, SECRET), { input });
    expect(kept).toMatchObject({ status: 7, stdout: `it is ${script}\n` });
    const full = runIn(shell, fromStdin({ folder, script: '/dev/full' }, SECRET), { input });
    expect(full).toMatchObject({ status: STEP_EXIT_CODE, stdout: '' });
    expect(failedStep(full.stderr, SECRET)).toEqual({ step: 'script', reason: '' });
  });
});

/** Any will do where the interpreter, not the shell that starts it, is looked at. */
const shell = shells[0] as Shell;
const has = (program: string) => spawnSync(program, ['--version']).status === 0;

test('gives the command no stdin', async () => {
  const home = await scratchFolder();
  const files = { folder: home, pid: join(home, '1.pid'), script: join(home, '1.script') };
  const script = commandScript({ ...TRUE, script: 'cat; echo end' }, files, '', SECRET);
  expect(runIn(shell, script, { input: 'not for it' }).stdout).toBe('end\n');
});

test('makes the private folder anew when a command before it has wiped the temporary files', async () => {
  const home = await scratchFolder();
  const folder = join(home, 'private');
  const files = { folder, pid: join(folder, '1.pid'), script: join(folder, '1.script') };
  const script = commandScript({ ...TRUE, script: 'echo fine' }, files, '', SECRET);
  expect(runIn(shell, script, { env: { ...process.env, HOME: home } }).stdout).toBe('fine\n');
});

describe('interpreters', () => {
  test('sh stops at the first failing command', async () => {
    expect(await runCommand(shell, { script: 'echo a; false; echo b' })).toMatchObject({
      status: 1,
      stdout: 'a\n',
    });
  });

  test.skipIf(!has('bash'))('bash also within pipes, and without start-up files', async () => {
    const script = 'echo a | cat; false | cat; echo b';
    expect(await runCommand(shell, { script, shell: 'bash' })).toMatchObject({ status: 1, stdout: 'a\n' });
  });

  test.skipIf(!has('bash'))('names that no shell could export arrive', async () => {
    const env = { 'with.dot': '1', 'with-dash': '2', UID: '3', ünï: '4' };
    const { stdout } = await runCommand(shell, { script: 'env', shell: 'bash', env });
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining(Object.entries(env).map((each) => each.join('='))),
    );
  });

  test.skipIf(!has('python3'))('python is python3 where there is no other', async () => {
    const script = 'import os, sys\nprint(sys.version_info[0], os.environ["A"])\nsys.exit(4)';
    const ran = await runCommand(shell, { script, shell: 'python', env: { A: 'b' } });
    expect(ran).toMatchObject({ status: 4, stdout: '3 b\n' });
  });

  test('a template is a command line', async () => {
    const script = '#!/bin/sh\necho "$1" "$A"';
    const direct = await runCommand(shell, { script, shell: 'A="x  y" {0} one', env: { A: 'no' } });
    expect(direct).toMatchObject({ status: 0, stdout: 'one x  y\n' });
    const piped = await runCommand(shell, { script: 'one', shell: "sed 's/$/!/' {0} | cat" });
    expect(piped).toMatchObject({ status: 0, stdout: 'one!' });
  });

  test('others are refused with what there is', () => {
    const compose = (name: string) => () => commandScript({ ...TRUE, shell: name }, NOWHERE, '', SECRET);
    for (const name of ['cmd', 'powershell', 'fish', 'constructor']) {
      expect(compose(name)).toThrow(expect.objectContaining({ code: 'GUEST_SHELL_UNSUPPORTED' }));
    }
  });
});

describe('the environment', () => {
  const compose = (env: Record<string, string>) => () => commandScript({ ...TRUE, env }, NOWHERE, '', SECRET);

  test('may be as long as a program can be given, and no longer', async () => {
    const longest = 32 * 4096 - 1 - 'V='.length;
    const ran = await runCommand(shell, {
      script: 'printf %s "$V" | wc -c',
      env: { V: 'x'.repeat(longest) },
    });
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringContaining(String(longest)) });
    expect(compose({ V: 'x'.repeat(longest + 1) })).toThrow(
      expect.objectContaining({ code: 'GUEST_ENV_TOO_LONG', message: expect.stringContaining('V') }),
    );
    const many = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`V${index}`, 'x'.repeat(120_000)]),
    );
    expect(compose(many)).toThrow(expect.objectContaining({ code: 'GUEST_ENV_TOO_LONG' }));
  });

  test('has names that are names', () => {
    for (const name of ['', '-u', 'A=B']) {
      expect(compose({ [name]: 'x' })).toThrow(expect.objectContaining({ code: 'GUEST_ENV_INVALID' }));
    }
    expect(compose({ A: '\0' })).toThrow(expect.objectContaining({ code: 'GUEST_TEXT_UNSUPPORTED' }));
  });
});
