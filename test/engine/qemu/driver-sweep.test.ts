import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { qemuDriver } from '../../../drivers/qemu/driver.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import type { Host, LeaseRecord } from '../../../src/host/host.ts';
import { testHost } from '../../support/test-host.ts';
import {
  exists,
  owner,
  prepare,
  processesOf,
  running,
  sh,
  soon,
  templatesOf,
  tinyTarget,
  until,
} from './support.ts';

let host: Host;
let target: BaseTarget;

beforeAll(async () => {
  host = await testHost({ ownCache: true });
  target = await tinyTarget();
  await prepare(target, host);
});

async function deadLease(id: string): Promise<LeaseRecord> {
  const { leases } = await host.leases.list();
  const found = leases.find(({ record }) => record.id === id);
  expect(found?.owner).toBe('dead');
  return (found as NonNullable<typeof found>).record;
}

const sweep = (record: LeaseRecord, dryRun = false) =>
  qemuDriver.sweep(record, { host, signal: soon(), dryRun });

describe('after a run was killed', () => {
  test('a running machine is found and taken away; a dry run only says so', async () => {
    const dead = owner('open', host, target);
    const [, id = ''] = await dead.says(/^lease (\w+)$/m);
    await dead.says(/^running$/m);
    await dead.kill();
    const [pid] = await processesOf(id);
    expect(pid).toBeDefined();

    const record = await deadLease(id);
    const lines = [`QEMU process ${pid} (vmtest-${id})`];
    expect(await sweep(record, true)).toEqual(lines);
    expect(await processesOf(id)).toEqual([pid]);
    expect(await sweep(record)).toEqual(lines);
    expect(await processesOf(id)).toEqual([]);
    expect(await sweep(record)).toEqual([]);
  });

  test('so is one that was started a moment before, unknown to any record', async () => {
    const dead = owner('spawn', host, target);
    const [, id = ''] = await dead.says(/^lease (\w+)$/m);
    await dead.says(/^spawned \d+$/m);
    await dead.ended;
    await until('the orphan to be there', async () => (await processesOf(id)).length > 0);
    const record = await deadLease(id);
    expect(record.facts).toEqual({});
    expect(await sweep(record)).toHaveLength(1);
    expect(await processesOf(id)).toEqual([]);
  });

  test('a half-made clean state goes, with the machine that it was to be', async () => {
    const other = { ...target, memory: 144 * 1024 ** 2 };
    const dead = owner('hang', host, other);
    const [, id = ''] = await dead.says(/^lease (\w+)$/m);
    await dead.says(/^booted$/m);
    await dead.kill();
    const record = await deadLease(id);
    const folder = join(host.paths.cache, 'templates', `.building-${id}`);
    expect(await exists(folder)).toBe(true);
    expect(await sweep(record)).toEqual([
      expect.stringMatching(/^QEMU process \d+/),
      `half-made clean state ${folder}`,
    ]);
    expect(await exists(folder)).toBe(false);
    expect(await processesOf(id)).toEqual([]);
    expect(await templatesOf(host)).toHaveLength(1);
  });

  test('nothing else is touched: neither machines of other leases nor programs that speak of the name', async () => {
    const { machine, lease } = await running(target, host);
    const dead = owner('open', host, target);
    const [, id = ''] = await dead.says(/^lease (\w+)$/m);
    await dead.says(/^running$/m);
    await dead.kill();
    const bystander = spawn('sleep', ['60'], { argv0: `guest=vmtest-${id},debug-threads=on` });
    onTestFinished(() => {
      bystander.kill();
    });
    await sweep(await deadLease(id));
    expect(await processesOf(lease.record.id)).toHaveLength(1);
    expect(await sh(machine, 'echo alive')).toBe('alive');
    expect(bystander.exitCode).toBeNull();
    expect(bystander.signalCode).toBeNull();
  });
});
