import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ToldCommand } from '../../../src/host/exec.ts';
import { createRedactor } from '../../../src/results/redact.ts';
import { commandMask } from '../../../src/run/command-mask.ts';
import { EngineLog } from '../../../src/run/engine-log.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { targetOf } from '../../support/targets.ts';

const started = new Date('2026-01-02T03:04:05.678Z');
const command = (more: Partial<ToldCommand> = {}): ToldCommand => ({
  argv: ['vmrun', 'list'],
  started,
  ms: 1_234,
  ...more,
});

const ended = (exitCode: number, stderr = '') => ({ exitCode, signal: undefined, stdout: '', stderr });

async function newLog() {
  const path = join(await scratchFolder(), 'engine.log');
  return { path, log: new EngineLog(path), read: () => readFile(path, 'utf8') };
}

test('has a line for each command, with what it said when it failed', async () => {
  const { log, read } = await newLog();
  log.write(command());
  log.write(command({ argv: ['virsh', 'start', 'my vm'], result: ended(1, 'error: no\nreally\n') }));
  log.write(command({ result: ended(0, 'a warning') }));
  log.write(command({ error: 'TIMEOUT' }));
  const { ms: _ms, ...livesOn } = command({ argv: ['qemu'] });
  log.write(livesOn);
  await log.end();
  expect(await read()).toBe(
    [
      '03:04:05.678   1.23 s  vmrun list',
      "03:04:05.678   1.23 s  virsh start 'my vm'  [exit code 1]",
      '    error: no',
      '    really',
      '03:04:05.678   1.23 s  vmrun list',
      '03:04:05.678   1.23 s  vmrun list  [TIMEOUT]',
      '03:04:05.678  started  qemu',
      '',
    ].join('\n'),
  );
});

test('makes no file when nothing ran', async () => {
  const { log, path } = await newLog();
  await log.end();
  expect(await readdir(dirname(path))).toEqual([]);
});

test('masks secrets, and the target’s own passwords where they are whole words', async () => {
  const target = targetOf(
    'vmware',
    { vm: 'tiny', 'encryption-password': 'for the disk' },
    { guest: { password: 'tiny', key: '/keys/id' } },
  );
  const { log, read } = await newLog();
  const mask = commandMask(createRedactor(['hunter2']), target);
  const argv = [
    '-gp',
    'tiny',
    '-vp',
    'for the disk',
    '--password=tiny',
    'TOKEN=xhunter2',
    'tiny.vmx',
    '/keys/id',
  ];
  log.write(mask(command({ argv: ['vmrun', ...argv], result: ended(1, 'hunter2 is wrong') })));
  await log.end();
  expect(await read()).toBe(
    [
      "03:04:05.678   1.23 s  vmrun -gp '***' -vp '***' '--password=***' 'TOKEN=x***' tiny.vmx /keys/id  [exit code 1]",
      '    *** is wrong',
      '',
    ].join('\n'),
  );
});

test('shortens data, and lets no control character through', async () => {
  const { log, read } = await newLog();
  const mask = commandMask(createRedactor([]));
  log.write(mask(command({ argv: ['sh', '-c', `\u001b[31mred\nnext\u0007${'x'.repeat(5_000)}`] })));
  await log.end();
  const text = await read();
  expect(text).toContain('red␊next␇xxx');
  expect(text).toContain('more characters');
  expect(text.length).toBeLessThan(600);
});

test('ends before it fills the disk', async () => {
  const { log, read } = await newLog();
  const argv: [string, ...string[]] = ['virsh', ...Array.from({ length: 100 }, () => 'y'.repeat(400))];
  for (let line = 0; line < 150; line += 1) log.write(command({ argv }));
  await log.end();
  const text = await read();
  expect(text.length).toBeLessThan(5 * 1024 * 1024);
  expect(text.match(/not written down/g)).toHaveLength(1);
});

test('takes no notice of a folder that is not there', async () => {
  const log = new EngineLog('/nowhere/at/all/engine.log');
  log.write(command());
  await expect(log.end()).resolves.toBeUndefined();
});
