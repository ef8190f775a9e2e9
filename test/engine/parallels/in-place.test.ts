/** Cells that restore a snapshot in the VM itself: Parallels clones no snapshot with memory. */
import { beforeAll, expect, test } from 'vitest';
import { type } from '../../standins/prlctl/person.ts';
import { connected, gone, open, sh } from '../../support/guest-run.ts';
import { interruptedAfter } from '../../support/interrupted-after.ts';
import { orphan } from '../../support/vm-cells.ts';
import {
  driver,
  MARK,
  NAME,
  never,
  type Parallels,
  parallelsWithVm,
  target,
  untilTools,
  withFaults,
} from './support.ts';

let parallels: Parallels;

beforeAll(async () => {
  parallels = await parallelsWithVm();
});

async function status(): Promise<string> {
  return (await type(parallels.standIns, 'list', NAME, '--no-header', '-o', 'status')).trim();
}

async function driven(options: Record<string, unknown> = {}, more: Parameters<typeof target>[1] = {}) {
  const { host } = parallels.standIns;
  return { driver: driver(), host, target: await target(options, { snapshot: 'live', ...more }) };
}

test('a snapshot with memory goes on running where it was, every time', async () => {
  withFaults(parallels.standIns, 'slow-states', 'lingering-lock', 'junk');
  const cell = await driven();
  const check = await cell.driver.check(cell.target, { host: cell.host, signal: never });
  expect(check).toMatchObject({
    problems: [],
    cleanState: 'snapshot "clean/live", restored in the VM itself',
    notes: [expect.stringContaining('no linked clones')],
  });
  expect(check.exclusive).toContain(parallels.vm);
  for (let round = 0; round < 2; round += 1) {
    const opened = await open(cell);
    await opened.machine.start(never);
    const channel = await connected(cell, opened.machine);
    const script = `test -e ${MARK} && echo resumed; test -e /root/mark && echo dirty; touch /root/mark`;
    expect((await sh(channel, script)).stdout).toBe('resumed\n');
    await channel.close();
    await gone(opened);
    expect(await status()).toBe('stopped');
  }
});

test('a run that was killed before the start leaves it suspended, and its sweep switches it off', async () => {
  const cell = await driven();
  const { lease, machine } = await open(cell);
  expect(await status()).toBe('suspended');
  await machine.keep();
  const record = await orphan(lease);
  const context = { host: cell.host, signal: never, dryRun: false };
  expect(await cell.driver.sweep(record, context)).toHaveLength(1);
  await lease.end();
  expect(await status()).toBe('stopped');
});

test('by Parallels Tools alone, however they behave', async () => {
  withFaults(parallels.standIns, 'lossy-exec', 'stale-exec');
  const cell = await driven({}, { guest: { channel: 'agent' } });
  const opened = await open(cell);
  await opened.machine.start(never);
  const channel = await connected(cell, opened.machine);
  expect(channel.kind).toBe('agent');
  expect(await sh(channel, `cat ${MARK} && echo "it's resumed"; exit 7`)).toEqual({
    exitCode: 7,
    stdout: "it's resumed\n",
  });
  await channel.close();
  await gone(opened);
});

test('a VM that runs is left alone, or reset when that is wanted and started again', async () => {
  await type(parallels.standIns, 'start', NAME);
  await untilTools(parallels.standIns);
  const careful = await driven();
  const context = { host: careful.host, signal: never };
  const { problems } = await careful.driver.check(careful.target, context);
  expect(problems).toMatchObject([
    { code: 'VM_RUNNING', hint: expect.stringContaining('if-running: reset') },
  ]);
  await expect(open(careful)).rejects.toMatchObject({ code: 'VM_RUNNING' });
  expect(await status()).toBe('running');

  const reset = await driven({ 'if-running': 'reset' });
  const opened = await open(reset);
  await opened.machine.start(never);
  await gone(opened);
  expect(await status()).toBe('running');
  await type(parallels.standIns, 'stop', NAME, '--kill');
});

test.each([
  ['suspend', 'VM_RUNNING', 'is suspended'],
  ['pause', 'VM_RUNNING', 'is paused'],
])('after %s, too', async (verb, code, words) => {
  await type(parallels.standIns, 'start', NAME);
  await type(parallels.standIns, verb, NAME);
  const careful = await driven();
  const { problems } = await careful.driver.check(careful.target, { host: careful.host, signal: never });
  expect(problems).toMatchObject([{ code, message: expect.stringContaining(words) }]);

  const reset = await driven({ 'if-running': 'reset' });
  const opened = await open(reset);
  await opened.machine.start(never);
  await gone(opened);
  expect(await status()).toBe('stopped');
});

test('an interrupt while a suspended VM is powered off, for which it has to run, leaves it off', async () => {
  await type(parallels.standIns, 'start', NAME);
  await type(parallels.standIns, 'suspend', NAME);
  const reset = await driven({ 'if-running': 'reset' });
  const { host, signal } = interruptedAfter('resume', reset.host);
  await expect(open({ ...reset, host }, signal)).rejects.toThrow('Ctrl-C');
  expect(await status()).toBe('stopped');
});
