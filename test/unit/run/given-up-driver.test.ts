/** A driver that takes its time to wind down keeps its lease: what it still undoes, or leaves, must be found by a sweep. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Driver } from '../../../drivers/driver.ts';
import { fakeDriver } from '../../../drivers/fake/driver.ts';
import { createHost } from '../../../src/host/create-host.ts';
import { VmtestError } from '../../../src/host/errors.ts';
import type { Host } from '../../../src/host/host.ts';
import { runAttempt } from '../../../src/run/attempt.ts';
import type { AttemptContext } from '../../../src/run/cell-life.ts';
import type { PlannedTarget } from '../../../src/run/plan-target.ts';
import { prepareTarget } from '../../../src/run/prepare-target.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { targetOf } from '../../support/targets.ts';

/** Longer than the notice that a run gives. */
const SLOW_MS = 5_500;
const TIMEOUTS = { prepare: 60_000, restore: 60_000, boot: 60_000, connect: 60_000, release: 20_000 };

interface Setting {
  host: Host;
  planned: PlannedTarget;
  /** How many leases there were when the driver had come to rest. */
  atRest: () => number | undefined;
}

/** @param ending what the driver's verb ends with, long after it was told to stop. */
async function setting(verb: 'prepare' | 'open', ending: Error): Promise<Setting> {
  const state = await scratchFolder();
  const host = createHost({ paths: { state, cache: join(state, 'cache') } });
  let atRest: number | undefined;
  const slow = async (): Promise<never> => {
    await delay(SLOW_MS);
    atRest = (await host.leases.list()).leases.length;
    throw ending;
  };
  const target = targetOf('fake', {});
  const driver: Driver = { ...fakeDriver, [verb]: slow };
  const check = await fakeDriver.check(target, { host, signal: new AbortController().signal });
  const planned = {
    target,
    driver,
    check,
    probe: { available: true, findings: [], fixes: [] },
    passedOver: [],
    notes: [],
  };
  return { host, planned, atRest: () => atRest };
}

async function cancelled<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new VmtestError('INTERRUPTED', 'enough')), 100);
  return work(abort.signal);
}

async function leasesAfter(
  verb: 'prepare' | 'open',
  ending: Error,
): Promise<{ atRest?: number; after: number }> {
  const { host, planned, atRest } = await setting(verb, ending);
  const common = { host, planned, runId: 'r', emit: () => {} };
  await cancelled(async (signal) => {
    if (verb === 'prepare') {
      const options = { ...common, retries: 0, timeouts: TIMEOUTS, signal } as never;
      await prepareTarget(planned, options);
    } else {
      const cell = { id: 'c', timeouts: TIMEOUTS, test: {} };
      const folder = join(host.paths.state, 'cell');
      await runAttempt({
        ...common,
        cell,
        info: { id: 'c' },
        number: 1,
        folder,
        keep: 'never',
        queued: 0,
        signal,
      } as unknown as AttemptContext);
    }
  });
  return { atRest: atRest() ?? -1, after: (await host.leases.list()).leases.length };
}

const undone = new VmtestError('INTERRUPTED', 'enough');
const failed = new VmtestError('INTERRUPTED', 'enough', { leftBehind: 'a process' });

test.concurrent.each(['prepare', 'open'] as const)('%s: until it has come to rest', async (verb) => {
  expect(await leasesAfter(verb, undone)).toEqual({ atRest: 1, after: 0 });
});

test.concurrent.each(['prepare', 'open'] as const)('%s: for good, when it left something', async (verb) => {
  expect(await leasesAfter(verb, failed)).toEqual({ atRest: 1, after: 1 });
});
