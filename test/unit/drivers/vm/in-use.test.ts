import { describe, expect, test } from 'vitest';
import type { VmState } from '../../../../drivers/vm/control.ts';
import { inUse } from '../../../../drivers/vm/in-use.ts';
import { commandOnItsWay, TOOL } from '../../../support/command-on-its-way.ts';
import { never, orphan, vmCells, vmTarget } from '../../../support/vm-cells.ts';

const vm = { id: '1', name: 'debian' };
const used = (state: VmState, options = {}) => inUse({ ...vm, state }, { target: vmTarget(options) });

describe('a VM', () => {
  test.each<[VmState, string]>([
    ['running', 'the VM "debian" is running, and its cells have to restore it'],
    ['paused', 'the VM "debian" is paused, and its cells have to restore it'],
    ['saved', 'the VM "debian" is suspended, and its cells have to restore it'],
    ['changing', 'the VM "debian" is just changing its state, and its cells have to restore it'],
  ])('that is %s is in use, unless it may be reset', (state, message) => {
    expect(used(state)).toMatchObject({
      code: 'VM_RUNNING',
      message,
      hint: expect.stringContaining('reset'),
    });
    expect(used(state, { 'if-running': 'reset' })).toBeUndefined();
  });

  test.each<VmState>(['off', 'broken'])('that is %s is not', (state) => {
    expect(used(state)).toBeUndefined();
  });
});

describe('a check finds a VM that runs', () => {
  const inPlace = vmTarget({ clone: 'none' });

  async function found(arrange: (cells: Awaited<ReturnType<typeof vmCells>>) => Promise<void>) {
    const cells = await vmCells();
    cells.engine.add('debian', { state: 'running' });
    await arrange(cells);
    return (await cells.check(inPlace)).problems.map(({ code }) => code);
  }

  test('because of a person: a problem', async () => {
    expect(await found(async () => {})).toEqual(['VM_RUNNING']);
  });

  test('because of a living run: none, its end is waited for', async () => {
    const codes = await found(async ({ host }) => {
      await host.locks.acquire('memory-vm-id-of-debian', { signal: never });
    });
    expect(codes).toEqual([]);
  });

  const facts = { vm: { id: 'id-of-debian', name: 'debian' }, restored: true };

  test('because of a dead run: none, it is swept before the cells start', async () => {
    const codes = await found(async (cells) => {
      const lease = await cells.begin();
      await lease.note(facts);
      await orphan(lease);
    });
    expect(codes).toEqual([]);
  });

  test.each([
    ['a dead run that only waited for it', { ...facts, restored: undefined }],
    ['a dead run that had a clone of it', { ...facts, restored: undefined, clone: 'vmtest-abcdefgh' }],
    ['a dead run that had another VM', { ...facts, vm: { id: 'other', name: 'debian' } }],
  ])('and %s has nothing to do with it', async (_what, noted) => {
    const codes = await found(async (cells) => {
      const lease = await cells.begin();
      await lease.note(noted);
      await orphan(lease);
    });
    expect(codes).toEqual(['VM_RUNNING']);
  });

  test('that a person asked to keep: a problem', async () => {
    const codes = await found(async (cells) => {
      const lease = await cells.begin();
      await lease.note(facts);
      await lease.keep({ reason: 'r', access: [] });
      await orphan(lease);
    });
    expect(codes).toEqual(['VM_RUNNING']);
  });

  test('and the lock that it looks at is free afterwards', async () => {
    const cells = await vmCells();
    const running = cells.engine.add('debian', { state: 'running' });
    await cells.check(inPlace);
    expect(await cells.isFree(running)).toBe(true);
  });
});

describe('a cell that waited for a run which was killed', () => {
  const inPlace = vmTarget({ clone: 'none' });

  /** As the dead run left it. @param session that its lease tells of. */
  async function afterDeath(session: string) {
    const cells = await vmCells();
    const vm = cells.engine.add('debian', { state: 'running', session: 1 });
    const dead = await cells.begin();
    await dead.note({ vm: { id: vm.id, name: vm.name }, restored: true, starting: true, session });
    await orphan(dead);
    return { cells, vm };
  }

  test('has the VM that is left running, once it is off', async () => {
    const { cells, vm } = await afterDeath('1');
    const { machine } = await cells.open(inPlace);
    expect(cells.engine.changes).toEqual(['powerOff debian', 'restore debian', 'arrange debian']);
    await machine.release();
    expect(vm.state).toBe('off');
    expect(await cells.isFree(vm)).toBe(true);
  });

  test('does not take a VM that a person has started since', async () => {
    const { cells, vm } = await afterDeath('0');
    await expect(cells.open(inPlace)).rejects.toMatchObject({ code: 'VM_RUNNING' });
    expect(cells.engine.changes).toEqual([]);
    expect(vm.state).toBe('running');
  });

  test('has it once the command that was on its way has ended: it may be a start', async () => {
    const cells = await vmCells({ tool: TOOL });
    const vm = cells.engine.add('debian');
    const dead = await cells.begin();
    await dead.note({ vm: { id: vm.id, name: vm.name }, restored: true, starting: true });
    await orphan(dead);
    const endsBefore = await commandOnItsWay('start', vm.id);
    const opening = cells.open(inPlace);
    expect(await endsBefore(opening)).toBe(true);
    await (await opening).machine.release();
  });

  test.each(['running', 'off'] as const)(
    'has it for good when it was %s: the sweep of the dead run spares who starts it afterwards',
    async (state) => {
      // As on Parallels, where one start is like another.
      const cells = await vmCells({ session: undefined });
      const vm = cells.engine.add('debian', { state });
      const dead = await cells.begin();
      await dead.note({ vm: { id: vm.id, name: vm.name }, restored: true, starting: true });
      await orphan(dead);
      const { machine } = await cells.open(inPlace);
      await machine.release();
      cells.engine.startByHand(vm);
      for (const { record } of (await cells.host.leases.list()).leases) {
        if (record.id === dead.record.id) expect(await cells.sweep(record)).toEqual([]);
      }
      expect(vm.state).toBe('running');
    },
  );

  test('does not start again, for `if-running: reset`, what no person had', async () => {
    const { cells, vm } = await afterDeath('1');
    const { machine } = await cells.open(vmTarget({ clone: 'none', 'if-running': 'reset' }));
    await machine.release();
    expect(vm.state).toBe('off');
  });
});
