import { describe, expect, test } from 'vitest';
import { powershellDirect } from '../../../../drivers/hyperv/powershell-direct.ts';
import type { Argv, ExecOptions } from '../../../../src/host/exec.ts';
import type { Host } from '../../../../src/host/host.ts';
import { targetOf } from '../../../support/targets.ts';

const signal = new AbortController().signal;
const vm = { id: '7b66646f-f36a-40f5-8757-72ddf64ffcb5', name: 'win11' };
const text = (base64: string) => Buffer.from(base64, 'base64').toString();

/** A link whose guest says always the same, and what was asked of it. */
function link(said: string, guest: { user?: string; password?: string } = {}) {
  const asked: { argv: Argv; request: Record<string, string> }[] = [];
  const exec = async (argv: Argv, { input }: ExecOptions = {}) => {
    asked.push({ argv, request: JSON.parse(String(input)) });
    const stdout = `\n===Begin-Output===\n${JSON.stringify({ text: said })}\n===End-Output===\n`;
    return { exitCode: 0, signal: undefined, stdout, stderr: '' };
  };
  const target = targetOf(
    'hyperv',
    {},
    { os: 'windows', guest: { user: 'tester', password: `it's "$x" 🔑`, ...guest } },
  );
  return { asked, link: powershellDirect(vm, { host: { exec } as unknown as Host, target, signal }) };
}

test('the password is on stdin only, and a bare name is one of the guest', async () => {
  const { asked, link: direct } = link('pong');
  await direct.ping(signal);
  const { argv = [], request = {} as Record<string, string> } = asked[0] ?? {};
  expect(argv.join(' ')).not.toContain("it's");
  expect(argv.join(' ')).not.toContain(request['password']);
  expect(argv.at(-1)).toMatch(/direct\.ps1$/);
  expect(request).toMatchObject({ id: vm.id, operation: 'ping' });
  expect(text(request['password'] ?? '')).toBe(`it's "$x" 🔑`);
  expect(text(request['user'] ?? '')).toBe('.\\tester');
  for (const user of ['HOST\\me', 'me@example.test']) {
    const other = link('pong', { user });
    await other.link.ping(signal);
    expect(text(other.asked[0]?.request['user'] ?? '')).toBe(user);
  }
});

test('without a password there is no link', () => {
  const target = targetOf('hyperv', {}, { os: 'windows' });
  const make = () => powershellDirect(vm, { host: {} as Host, target, signal });
  expect(make).toThrow(expect.objectContaining({ code: 'GUEST_NO_CREDENTIALS', hint: expect.any(String) }));
});

test('a program starts with its words and its input', async () => {
  const { asked, link: direct } = link('the-handle\r\n');
  const input = Buffer.from([0, 255]);
  expect(await direct.start(['cmd.exe', '/c', 'echo "hi"', ''], { input, capture: true }, signal)).toBe(
    'the-handle',
  );
  expect(JSON.parse(text(asked[0]?.request['argument'] ?? ''))).toMatchObject({
    program: 'cmd.exe',
    arguments: '/c "echo \\"hi\\"" ""',
    stdin: 'AP8=',
    capture: true,
    runner: expect.stringContaining('ProcessStartInfo'),
  });
});

describe('a program', () => {
  const poll = (end: unknown, stdout = '', stderr = '') =>
    link(JSON.stringify({ end, stdout, stderr })).link.poll('h', signal);

  test('runs until it has ended', async () => {
    expect(await poll(null)).toEqual({ exited: false });
    expect(await poll('7', 'AP8=', 'ZQ==')).toEqual({
      exited: true,
      exitCode: 7,
      stdout: Buffer.from([0, 255]),
      stderr: Buffer.from('e'),
      truncated: false,
    });
  });

  test('has exit codes of 32 bits, as Windows shows them', async () => {
    expect(await poll('-1073741819')).toMatchObject({ exitCode: 0xc0000005 });
  });

  test('that could not be run says why', async () => {
    await expect(poll('failed The system cannot find the file')).rejects.toThrow(
      'the guest could not run the program: The system cannot find the file',
    );
  });
});

test('files go in and out in base64', async () => {
  const { asked, link: direct } = link('AP8=');
  expect(await direct.read('C:\\a b', 5, 2, signal)).toEqual(Buffer.from([0, 255]));
  await direct.write('C:\\é', Buffer.from([1, 2]), { append: true }, signal);
  expect(asked.map(({ request }) => JSON.parse(text(request['argument'] ?? '')))).toEqual([
    { path: 'C:\\a b', offset: 5, length: 2 },
    { path: 'C:\\é', append: true, data: 'AQI=' },
  ]);
});

test.each(['', 'noise', 'null', '[]', '7', '{"end":"0"}', '{"end":7,"stdout":"","stderr":""}'])(
  'what makes no sense of a program is told as such: %j',
  async (said) => {
    const { link: direct } = link(said);
    await expect(direct.poll('1', signal)).rejects.toMatchObject({
      code: 'GUEST_AGENT_REFUSED',
      message: 'what the guest says of the program makes no sense',
    });
  },
);
