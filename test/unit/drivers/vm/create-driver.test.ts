import { describe, expect, test } from 'vitest';
import { never, vmCells, vmTarget } from '../../../support/vm-cells.ts';
import { snapshotOf } from '../../../support/vm-control.ts';

const MIB = 1024 ** 2;

describe('check', () => {
  test('tells what a clone takes, and changes nothing', async () => {
    const cells = await vmCells({ slowdown: async () => 5 });
    cells.engine.add('debian', { state: 'running' });
    expect(await cells.check(vmTarget())).toEqual({
      problems: [],
      demand: { cpus: 2, memory: (512 + 128) * MIB },
      exclusive: null,
      cleanState: 'linked clone of snapshot "clean", cold boot',
      needsPrepare: false,
      access: ['ssh'],
      slowdown: 5,
      notes: [],
    });
    expect(cells.engine.changes).toEqual([]);
  });

  test('tells that cells in the VM itself take turns', async () => {
    const cells = await vmCells({ clone: undefined });
    cells.engine.add('debian', { snapshots: [snapshotOf('base/live', { live: true })] });
    expect(await cells.check(vmTarget({}, { snapshot: 'live' }))).toMatchObject({
      exclusive: 'memory:id-of-debian',
      cleanState: 'snapshot "base/live", restored in the VM itself',
      slowdown: 1,
      notes: ['no linked clones: memory has no linked clones'],
    });
  });

  test('tells of clones of the VM as it is', async () => {
    const cells = await vmCells();
    cells.engine.add('debian');
    const { cleanState } = await cells.check(vmTarget({}, { snapshot: 'none' }));
    expect(cleanState).toBe('linked clone of the VM as it is, cold boot');
  });

  test('of a target with problems promises nothing', async () => {
    const cells = await vmCells();
    expect(await cells.check(vmTarget())).toMatchObject({
      problems: [{ code: 'VM_MISSING' }],
      access: [],
      cleanState: 'none',
    });
  });
});

test('there is nothing to prepare: the clean state is a person’s own', async () => {
  const cells = await vmCells();
  await cells.driver.prepare(vmTarget(), {
    host: cells.host,
    signal: never,
    lease: await cells.begin(),
    progress: () => {},
    settle: () => Promise.reject(new Error('nothing boots')),
  });
  expect(cells.engine.changes).toEqual([]);
});
