import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createHost } from '../../../src/host/create-host.ts';
import { VmtestError } from '../../../src/host/errors.ts';
import { underLease } from '../../../src/run/under-lease.ts';
import { scratchFolder } from '../../support/scratch.ts';

/** Milliseconds; nobody waits for it where the work comes to rest. */
const LONG = 60_000;
const wanted = { run: 'r', engine: 'fake', target: 't' };

test('work that is given up keeps its lease until it has come to rest', async () => {
  const state = await scratchFolder();
  const { leases } = createHost({ paths: { state, cache: state } });
  let finish = () => {};
  const work = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const givenUp = underLease(leases, { wanted, restMs: 20 }, (_lease, follow) => {
    void follow(work);
    return Promise.reject(new Error('too late'));
  });
  await expect(givenUp).rejects.toThrow('too late');
  expect((await leases.list()).leases).toHaveLength(1);
  finish();
  while ((await leases.list()).leases.length > 0) await delay(5);
});

test('the lease has ended when the work has, well or not', async () => {
  const state = await scratchFolder();
  const { leases } = createHost({ paths: { state, cache: state } });
  expect(
    await underLease(leases, { wanted, restMs: LONG }, (_lease, follow) => follow(Promise.resolve(7))),
  ).toBe(7);
  const failing = underLease(leases, { wanted, restMs: LONG }, (_lease, follow) =>
    follow(Promise.reject(new Error('no'))),
  );
  await expect(failing).rejects.toThrow('no');
  expect((await leases.list()).leases).toEqual([]);
});

test('what was left behind keeps its lease, for the sweep', async () => {
  const state = await scratchFolder();
  const { leases } = createHost({ paths: { state, cache: state } });
  const left = new VmtestError('X', 'no', { leftBehind: 'a process' });
  const failing = underLease(leases, { wanted, restMs: LONG }, (_lease, follow) =>
    follow(Promise.reject(left)),
  );
  await expect(failing).rejects.toThrow('no');
  expect((await leases.list()).leases).toHaveLength(1);
});
