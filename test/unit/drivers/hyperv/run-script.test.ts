import { access } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { encodeRequest, runScript } from '../../../../drivers/hyperv/run-script.ts';
import type { Argv, ExecOptions } from '../../../../src/host/exec.ts';

const signal = new AbortController().signal;
const hostile = [
  "it's",
  '"$(Remove-Item /)"',
  '`whoami`',
  '%PATH%',
  '-Force',
  'a\r\nb',
  'naïve 💿 “q”',
  '',
  '\\"',
  '*?[x]',
];

function recorded(stdout: string, exitCode = 0) {
  const calls: { argv: Argv; options: ExecOptions }[] = [];
  const exec = async (argv: Argv, options: ExecOptions = {}) => {
    calls.push({ argv, options });
    return { exitCode, signal: undefined, stdout, stderr: '' };
  };
  return { calls, run: { host: { exec }, signal, doing: 'trying', code: 'HYPERV_X', timeout: 7 } };
}

describe('a script', () => {
  test('is a file of this package, and gets its request on stdin', async () => {
    const { calls, run } = recorded('\n===Begin-Output===\n{"ok":true}\n===End-Output===\n');
    for (const name of hostile) expect(await runScript('remove', { name }, run)).toEqual({ ok: true });
    const [first] = calls;
    await access(first?.argv.at(-1) as string);
    expect(first?.argv.slice(1, -1)).toEqual([
      ...['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'],
    ]);
    for (const [at, { argv, options }] of calls.entries()) {
      expect(argv).toEqual(first?.argv);
      expect(options).toMatchObject({ timeout: 7, signal });
      expect(JSON.parse(String(options.input))).toEqual({ name: hostile[at] });
    }
  });

  test('that answers with an error, or not at all, throws', async () => {
    const error = recorded('\n===Begin-Error===\n{"message":"no","id":"X"}\n===End-Error===\n', 1);
    await expect(runScript('start', {}, error.run)).rejects.toMatchObject({
      code: 'HYPERV_X',
      message: 'trying failed: no',
    });
    const silent = recorded('noise', 3);
    await expect(runScript('start', {}, silent.run)).rejects.toThrow('PowerShell ended with exit code 3');
  });
});

test('a request is ASCII, whatever is in it', () => {
  const text = encodeRequest({ hostile });
  expect(text).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(text)).toEqual({ hostile });
});
