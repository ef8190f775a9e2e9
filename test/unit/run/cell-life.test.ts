import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Driver, Machine } from '../../../drivers/driver.ts';
import { createHost } from '../../../src/host/create-host.ts';
import { type AttemptContext, CellLife } from '../../../src/run/cell-life.ts';
import { PhaseClock } from '../../../src/run/phase-clock.ts';
import { passTime, useFakeTime } from '../../support/fake-time.ts';
import { scratchFolder } from '../../support/scratch.ts';

vi.mock('node:timers/promises', () => import('../../support/fake-delay.ts'));
useFakeTime();

const TIMEOUTS = { restore: 1_000, boot: 1_000, release: 60_000 };

/** The life of a cell whose driver makes its machine as told. */
async function lifeWith(makeMachine: () => Promise<Machine>) {
  let tellOpened = () => {};
  const opened = new Promise<void>((resolve) => {
    tellOpened = resolve;
  });
  const open: Driver['open'] = () => {
    tellOpened();
    return makeMachine();
  };
  const folder = await scratchFolder();
  const host = createHost({ paths: { state: join(folder, 'state'), cache: folder } });
  const driver = { engine: 'fake', capabilities: { screenshot: false }, open } as unknown as Driver;
  const context = {
    ...{ host, folder, runId: 'r', number: 1, keep: 'never', queued: 0, emit: () => {} },
    planned: { driver, target: { name: 't' }, check: { slowdown: 1 } },
    cell: { id: 'c', timeouts: TIMEOUTS },
    info: { id: 'c' },
    signal: new AbortController().signal,
  } as unknown as AttemptContext;
  const notes: string[] = [];
  const life = new CellLife(context, new PhaseClock(0), notes);
  const ids = async () => (await host.leases.list()).leases.map(({ record }) => record.id);
  return { life, notes, ids, opened };
}

test('a machine that comes after its deadline is released, and has a lease until then', async () => {
  let hand: (machine: Machine) => void = () => {};
  const { life, notes, ids, opened } = await lifeWith(
    () =>
      new Promise((resolve) => {
        hand = resolve;
      }),
  );
  const living = life.live();
  living.catch(() => {});
  await opened;
  await passTime(living);
  await expect(living).rejects.toMatchObject({ code: 'TIMEOUT' });

  const releasing = life.release(true);
  const did: string[] = [];
  expect(await ids()).toHaveLength(1);
  hand({
    release: async () => void did.push(`release under ${(await ids()).length} lease`),
  } as unknown as Machine);
  await releasing;
  expect(did).toEqual(['release under 1 lease']);
  expect(await ids()).toEqual([]);
  expect(notes).toEqual([]);
});

test('a driver that never comes to rest keeps its lease, and that is said', async () => {
  const { life, notes, ids, opened } = await lifeWith(() => new Promise(() => {}));
  const living = life.live();
  living.catch(() => {});
  await opened;
  await passTime(living);
  await passTime(life.release(true));
  expect(await ids()).toHaveLength(1);
  expect(notes).toEqual([
    expect.stringMatching(/^releasing the machine failed: .*`vmtest clean` tries again$/),
  ]);
});
