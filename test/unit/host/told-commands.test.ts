import { expect, test } from 'vitest';
import { createHost } from '../../../src/host/create-host.ts';
import type { Argv, ToldCommand } from '../../../src/host/exec.ts';
import { PerHost } from '../../../src/host/per-host.ts';
import { tellingCommands } from '../../../src/host/told-commands.ts';

const node = process.execPath;

function telling() {
  const told: ToldCommand[] = [];
  return { told, host: tellingCommands(createHost(), (command) => told.push(command)) };
}

test('tells what ran, and what it answered', async () => {
  const { told, host } = telling();
  const argv: Argv = [node, '-e', 'console.log("fine")'];
  expect((await host.exec(argv)).stdout).toBe('fine\n');
  const result = { exitCode: 0, signal: undefined, stdout: 'fine\n', stderr: '' };
  expect(told).toEqual([{ argv, started: expect.any(Date), ms: expect.any(Number), result }]);
});

test('tells how a command failed', async () => {
  const { told, host } = telling();
  await host.exec([node, '-e', 'process.exit(3)']);
  await host.exec(['no-such-program-here']).catch(() => {});
  await host.exec([node, '-e', 'setTimeout(() => {}, 60_000)'], { timeout: 100 }).catch(() => {});
  expect(told.map(({ result, error }) => result?.exitCode ?? error)).toEqual([
    3,
    'COMMAND_NOT_FOUND',
    'TIMEOUT',
  ]);
});

test('tells what is to be shown instead of the command', async () => {
  const { told, host } = telling();
  await host.exec([node, '-e', '"data"'], { shown: [node, '-e', '…'] });
  expect(told[0]?.argv).toEqual([node, '-e', '…']);
});

test('tells of a program that lives on when it starts, or cannot', async () => {
  const { told, host } = telling();
  const child = await host.spawn([node, '-e', '']);
  expect(told).toEqual([{ argv: [node, '-e', ''], started: expect.any(Date) }]);
  await child.ended;
  await host.spawn(['no-such-program-here']).catch(() => {});
  expect(told[1]).toMatchObject({ error: 'COMMAND_NOT_FOUND' });
});

test('is the same host to those who know something about it', () => {
  const host = createHost();
  const known = new PerHost<string>();
  known.set(host, 'here');
  expect(known.get(tellingCommands(host, () => {}))).toBe('here');
  expect(known.get(createHost())).toBeUndefined();
});
