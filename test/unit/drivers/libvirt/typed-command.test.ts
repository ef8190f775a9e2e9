/** What `virsh` is typed, and what of its output is the answer. */
import { expect, test } from 'vitest';
import { tryTyped } from '../../../../drivers/libvirt/typed-command.ts';
import type { ExecOptions, ExecResult } from '../../../../src/host/exec.ts';
import { virshAnswers } from '../../../support/virsh-answers.ts';

const WORDS = ['qemu-agent-command', '--domain', 'a', '--cmd'] as const;

async function typed(json: object, ended: Partial<ExecResult>) {
  const { context } = virshAnswers({});
  const calls: { argv: readonly string[]; options: ExecOptions }[] = [];
  const exec = async (argv: readonly string[], options: ExecOptions = {}) => {
    calls.push({ argv, options });
    return { exitCode: 0, signal: undefined, stdout: '', stderr: '', ...ended };
  };
  const result = await tryTyped(WORDS, json, { ...context, host: { ...context.host, exec } }, {});
  return { result, call: calls[0] };
}

test('texts arrive as they are, in characters that are no keys', async () => {
  const json = { text: `it's "é"\t\u007f\u001b[A\r\n😀 \\ ; # !! $HOME \`id\`` };
  const { call } = await typed(json, {});
  expect(call?.argv).toEqual(['virsh', '--connect', 'qemu:///system', '--quiet']);
  const line = String(call?.options.input);
  expect(line).toMatch(/^qemu-agent-command --domain a --cmd '[ -&(-~]*'\n$/);
  expect(JSON.parse(line.slice(line.indexOf("'") + 1, -2))).toEqual(json);
});

test('nothing of it stays in a history, and the one of the user is not touched', async () => {
  const { call } = await typed({}, {});
  expect(call?.options.env).toMatchObject({ VIRSH_HISTSIZE: '0', XDG_CACHE_HOME: '/nowhere' });
});

test.each([
  ['with what was typed', 'virsh # qemu-agent-command --cmd \'{"execute":1}\'\n{"return":1}\nvirsh # \n'],
  ['without', 'virsh # {"return":1}\nvirsh # '],
  ['without a prompt', '{"return":1}\n\n'],
  ['of a connection that only reads', 'virsh > {"return":1}\n\nvirsh > '],
])('an answer is found: %s', async (_, stdout) => {
  expect((await typed({}, { stdout })).result).toMatchObject({ exitCode: 0, stdout: '{"return":1}' });
});

test.each<[string, Partial<ExecResult>, number]>([
  ['a command that failed', { stdout: "virsh # x '{}'\nvirsh # \n", stderr: 'error: no domain\n' }, 1],
  ['no connection', { exitCode: 2, stderr: 'error: failed to connect\n' }, 2],
  ['killed', { exitCode: undefined, signal: 'SIGKILL', stdout: 'virsh # x' }, 1],
])('without one it is a failure: %s', async (_, ended, exitCode) => {
  expect((await typed({}, ended)).result).toMatchObject({ exitCode, stderr: ended.stderr ?? '' });
});
