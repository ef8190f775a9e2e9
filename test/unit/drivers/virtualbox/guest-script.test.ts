import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { fitsArgument, unwrapOutput, wrapProgram } from '../../../../drivers/virtualbox/guest-script.ts';
import { withPipes } from '../../../../drivers/virtualbox/pipes.ts';
import { exec } from '../../../../src/host/exec.ts';

const MARK = 'vmtest-0123';

async function run(argv: string[], input?: Buffer) {
  const [file = '', ...args] = wrapProgram(argv, MARK, input);
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

it('passes words and inputs of any kind', async () => {
  const input = Buffer.from(`it's "é" $HOME %s \\n\n\nlast`);
  expect(String((await run(['cat'], input))?.stdout)).toBe(String(input));
  expect(String((await run(['printf', '%s|', "a 'b'", '', '-x']))?.stdout)).toBe("a 'b'||-x|");
  // Without one, stdin is empty.
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

it('knows which inputs can be arguments', () => {
  expect(fitsArgument(Buffer.from('é\n'))).toBe(true);
  expect(fitsArgument(Buffer.from([0x61, 0]))).toBe(false);
  expect(fitsArgument(Buffer.from([0xff]))).toBe(false);
  expect(fitsArgument(Buffer.alloc(100_000, 'a'))).toBe(false);
});

it.skipIf(process.platform === 'win32')('real pipes keep outputs, exit code and stdin', async () => {
  const script = 'test -p /dev/stdout && test -p /dev/stderr && cat && echo err >&2; exit 7';
  const result = await exec(withPipes(['sh', '-c', script]), { input: 'in' });
  expect(result).toMatchObject({ exitCode: 7, stdout: 'in', stderr: 'err\n' });
});

it('needs no shell for them on Windows', () => {
  expect(withPipes(['VBoxManage.exe', 'x'], 'win32')).toEqual(['VBoxManage.exe', 'x']);
});
