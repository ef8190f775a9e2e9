import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  inputFile,
  launcherScript,
  type Outcome,
  parseOutcome,
} from '../../../../drivers/vmware/agent/launcher.ts';
import type { AgentStartOptions } from '../../../../src/guest/channel.ts';
import { scratchFolder } from '../../../support/scratch.ts';

/** As a POSIX guest runs it. */
async function launch(
  argv: readonly string[],
  options: AgentStartOptions,
): Promise<{ outcome: Outcome | undefined; left: string[] }> {
  const folder = await scratchFolder();
  const base = join(folder, '1');
  if (options.input) await writeFile(inputFile(base), options.input);
  await writeFile(`${base}.sh`, launcherScript({ argv, options, base, garbage: [] }));
  await promisify(execFile)('/bin/sh', [`${base}.sh`]);
  return { outcome: parseOutcome(await readFile(`${base}.end`), options), left: await readdir(folder) };
}

describe('a program in a guest', () => {
  test('arguments and input arrive as they are', async () => {
    const hostile = [`it's "x"`, '100% $HOME `id`', 'ünï\nline', '-n', ''];
    const { outcome } = await launch(['/bin/sh', '-c', 'printf "[%s]" "$@"; cat', 'sh', ...hostile], {
      capture: true,
      input: Buffer.from([0, 255, 10, 13]),
    });
    const expected = [
      Buffer.from(hostile.map((word) => `[${word}]`).join('')),
      Buffer.from([0, 255, 10, 13]),
    ];
    expect(outcome?.stdout).toEqual(Buffer.concat(expected));
  });

  test('both outputs and the exit code come back, and nothing else stays', async () => {
    const { outcome, left } = await launch(['/bin/sh', '-c', 'echo out; echo err >&2; exit 7'], {
      capture: true,
    });
    expect(outcome).toMatchObject({
      exitCode: 7,
      stdout: Buffer.from('out\n'),
      stderr: Buffer.from('err\n'),
      truncated: false,
    });
    expect(left).toEqual(['1.end']);
  });

  test('a program that is not there is exit code 127', async () => {
    const { outcome } = await launch(['/no/such/program'], { capture: true });
    expect(outcome).toMatchObject({ exitCode: 127, stderr: expect.anything() });
    expect(outcome?.stderr.toString()).toContain('/no/such/program');
  });

  test('files of its own come along as far as they are small', async () => {
    const folder = await scratchFolder();
    const [small, large, none] = ['s', 'l', 'n'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const script = `printf tiny >${small}; head -c 400000 /dev/zero >${large}`;
    const outputs = [small, large, none];
    const { outcome } = await launch(['/bin/sh', '-c', script], { capture: true, outputs });
    expect(outcome?.outputs.get(small)).toEqual({ bytes: Buffer.from('tiny'), whole: true });
    expect(outcome?.outputs.get(none)).toEqual({ bytes: Buffer.alloc(0), whole: true });
    const part = outcome?.outputs.get(large);
    expect(part?.whole).toBe(false);
    expect(part?.bytes.length).toBe(256 * 1024);
  });
});

test.each(['', 'x', '0\n', '0\n5\nab', '0\n2\nab9\n', '-1\n0\n0\n'])('%j is no outcome', (text) => {
  expect(parseOutcome(Buffer.from(text), { capture: true })).toBeUndefined();
});
