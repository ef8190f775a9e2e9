import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { unwrapOutput, wrapProgram } from '../../../../drivers/virtualbox/guest-script.ts';
import { withPipes } from '../../../../drivers/virtualbox/pipes.ts';
import { exec } from '../../../../src/host/exec.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const MARK = 'vmtest-0123';

async function run(argv: string[]) {
  const [file = '', ...args] = wrapProgram(argv, MARK);
  const { stdout, stderr } = await promisify(execFile)(file, args);
  return unwrapOutput(stdout, stderr, MARK);
}

it('gives exit codes that guestcontrol would change, and outputs as they were', async () => {
  const ended = await run(['sh', '-c', 'printf "no line end"; printf "two\\nlines\\n" >&2; exit 200']);
  expect({ ...ended, stdout: String(ended?.stdout), stderr: String(ended?.stderr) }).toEqual({
    exited: true,
    exitCode: 200,
    stdout: 'no line end',
    stderr: 'two\nlines\n',
    truncated: false,
  });
});

it('passes words of any kind, and no input', async () => {
  expect(String((await run(['printf', '%s|', "a 'b'", '', '-x']))?.stdout)).toBe("a 'b'||-x|");
  expect((await run(['cat']))?.stdout).toHaveLength(0);
});

it('knows an output whose end is missing', () => {
  expect(unwrapOutput(`x\n${MARK} 0\n`, '', MARK)).toBeUndefined();
  expect(unwrapOutput('x', `\n${MARK} 0\n`, MARK)).toBeUndefined();
  expect(unwrapOutput(`x\n${MARK} 0`, `\n${MARK} 0\n`, MARK)).toBeUndefined();
});

it("takes VBoxManage's own warnings off", () => {
  const stderr = `VBoxManage: warning: something\nreal\n${MARK} 1\n`;
  expect(String(unwrapOutput(`\n${MARK} 1\n`, stderr, MARK)?.stderr)).toBe('real');
});

describe.skipIf(process.platform === 'win32')('real pipes', () => {
  it('keep outputs, exit code and stdin, and leave no names', async () => {
    const folder = await scratchFolder();
    const script = 'test -p /dev/stdout && test -p /dev/stderr && cat && echo err >&2; exit 7';
    const result = await exec(withPipes(['sh', '-c', script], folder), { input: 'in' });
    expect(result).toMatchObject({ exitCode: 7, stdout: 'in', stderr: 'err\n' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('are no other descriptors than the three', async () => {
    const folder = await scratchFolder();
    const script = 'for n in 3 4 5 6 7 8; do if true 2>/dev/null <&$n; then echo $n; fi; done';
    expect(await exec(withPipes(['sh', '-c', script], folder))).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('leave no process behind, and no file elsewhere, whenever the shell is killed', async () => {
    const [folder, elsewhere] = [await scratchFolder(), await scratchFolder()];
    for (let after = 0; after < 30; after += 1) {
      const [file = '', ...args] = withPipes(['sleep', '600'], folder);
      const child = spawn(file, args, { detached: true, env: { ...process.env, TMPDIR: elsewhere } });
      await Promise.race([delay(after / 2), once(child, 'exit')]);
      child.kill('SIGKILL');
      // The outputs are closed when nobody has them any more.
      await once(child, 'close');
    }
    expect(await readdir(elsewhere)).toEqual([]);
  });
});

it('needs no shell for them on Windows', () => {
  expect(withPipes(['VBoxManage.exe', 'x'], 'C:\\x', 'win32')).toEqual(['VBoxManage.exe', 'x']);
});
