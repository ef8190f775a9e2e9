import { beforeEach, describe, expect, test } from 'vitest';
import type { LeaseRecord } from '../../../../src/host/host.ts';
import { commandOnItsWay, TOOL } from '../../../support/command-on-its-way.ts';
import { never, orphan, type VmCells, vmCells, vmTarget } from '../../../support/vm-cells.ts';
import { busy, type MemoryVm, SHELF, snapshotOf } from '../../../support/vm-control.ts';

const inPlace = vmTarget({ clone: 'none' });
const reset = vmTarget({ clone: 'none', 'if-running': 'reset' });

let cells: VmCells;
let vm: MemoryVm;

beforeEach(async () => {
  cells = await vmCells();
  vm = cells.engine.add('debian');
  cells.engine.addresses.set('debian', '192.0.2.7');
});

/** What a dry run says is what the sweep says; the dry run changes nothing, and a second sweep finds nothing. */
async function swept(record: LeaseRecord): Promise<string[]> {
  const { engine } = cells;
  const before = structuredClone({ vms: engine.vms, files: engine.files, changes: engine.changes });
  const would = await cells.sweep(record, true);
  expect({ vms: engine.vms, files: engine.files, changes: engine.changes }).toEqual(before);
  expect(await cells.sweep(record)).toEqual(would);
  expect(await cells.sweep(record)).toEqual([]);
  return would;
}

describe('a clone of a dead run', () => {
  test.each(['off', 'running', 'paused', 'saved', 'broken'] as const)('that is %s goes', async (state) => {
    const { lease, machine } = await cells.open(vmTarget());
    await machine.start(never);
    cells.engine.startByHand(vm);
    const clone = cells.engine.vms.find(({ isClone }) => isClone);
    Object.assign(clone ?? {}, { state });
    expect(await swept(await orphan(lease))).toEqual([`memory clone vmtest-${lease.record.id}`]);
    expect(cells.engine.leftovers()).toEqual([]);
    expect(vm).toMatchObject({ state: 'running', content: 'own work' });
    await machine.release();
  });

  test('that was never finished goes too', async () => {
    const lease = await cells.begin();
    const clone = `vmtest-${lease.record.id}`;
    await lease.note({ vm: { id: vm.id, name: vm.name }, clone, places: [SHELF] });
    cells.engine.files.add(clone);
    await swept(await orphan(lease));
    expect(cells.engine.leftovers()).toEqual([]);
  });

  test('of another lease stays', async () => {
    const [one, two] = [await cells.open(vmTarget()), await cells.open(vmTarget())];
    await swept(await orphan(one.lease));
    expect(cells.engine.leftovers()).toEqual(Array(2).fill(`vmtest-${two.lease.record.id}`));
  });

  test('is taken away once a command by its id has ended, of a sweep that was killed', async () => {
    cells = await vmCells({ tool: TOOL });
    cells.engine.add('debian');
    const { lease, machine } = await cells.open(vmTarget());
    await machine.start(never);
    const id = cells.engine.vms.find(({ isClone }) => isClone)?.id ?? '';
    const endsBefore = await commandOnItsWay('destroy', id);
    const swept = cells.sweep(await orphan(lease));
    expect(await endsBefore(swept)).toBe(true);
    await swept;
    expect(cells.engine.leftovers()).toEqual([]);
    await machine.release();
  });

  test('goes through a busy time', async () => {
    const { lease } = await cells.open(vmTarget());
    let left = 2;
    cells.engine.onCall = ({ stage }) => {
      if (stage === 'before' && left-- > 0) throw busy();
    };
    await cells.sweep(await orphan(lease));
    expect(cells.engine.leftovers()).toEqual([]);
  });
});

describe('a VM that a dead run restored', () => {
  async function abandoned(): Promise<LeaseRecord> {
    const { lease, machine } = await cells.open(inPlace);
    await machine.start(never);
    await machine.keep();
    return orphan(lease);
  }

  test('is powered off, and is free then', async () => {
    expect(await swept(await abandoned())).toEqual(['memory VM debian, which was left running']);
    expect(vm.state).toBe('off');
    expect(await cells.isFree(vm)).toBe(true);
  });

  test('is off already', async () => {
    const record = await abandoned();
    vm.state = 'off';
    expect(await swept(record)).toEqual([]);
  });

  test('is not there any more', async () => {
    const record = await abandoned();
    cells.engine.vms.pop();
    expect(await swept(record)).toEqual([]);
  });

  test('is spared when a person has started it since', async () => {
    const record = await abandoned();
    vm.state = 'off';
    cells.engine.startByHand(vm);
    expect(await swept(record)).toEqual([]);
    expect(vm).toMatchObject({ state: 'running', content: 'own work' });
  });

  test.each(['off', 'saved'] as const)(
    'is spared when it was %s and not started: then a person has',
    async (state) => {
      vm.state = state;
      const { lease, machine } = await cells.open(reset);
      await machine.keep();
      const record = await orphan(lease);
      cells.engine.startByHand(vm);
      expect(await swept(record)).toEqual([]);
      expect(vm.state).toBe('running');
    },
  );

  test('is spared while a living run has it', async () => {
    const record = await abandoned();
    vm.state = 'off';
    const living = await cells.open(inPlace);
    await living.machine.start(never);
    expect(await swept(record)).toEqual([]);
    expect(vm.state).toBe('running');
    await living.machine.release();
  });

  test('and never started: a live snapshot waits to go on', async () => {
    vm.snapshots = [snapshotOf('clean', { live: true })];
    const { lease, machine } = await cells.open(inPlace);
    await machine.keep();
    expect(await swept(await orphan(lease))).toEqual(['memory VM debian, which was left running']);
    expect(vm.state).toBe('off');
  });

  test.each(['saved', 'paused'] as const)(
    'and never started: one that is %s is a person’s',
    async (state) => {
      const { lease, machine } = await cells.open(inPlace);
      await machine.keep();
      Object.assign(vm, { state, content: 'own work' });
      expect(await swept(await orphan(lease))).toEqual([]);
      expect(vm).toMatchObject({ state, content: 'own work' });
    },
  );

  describe('and that somebody was about to power off, who had to start it for that, and was killed then', () => {
    /** Who is dead undoes nothing either. */
    function strike(): void {
      let isDead = false;
      cells.engine.onCall = ({ stage }) => {
        isDead ||= stage === 'midway';
        if (isDead) throw new Error('killed');
      };
    }
    /** What the next sweep finds. */
    async function sweptAgain(): Promise<void> {
      expect(vm.state).toBe('running');
      cells.engine.onCall = () => {};
      const { leases } = await cells.host.leases.list();
      for (const { record } of leases) await cells.sweep(record);
      expect(vm.state).toBe('off');
    }
    const saved = () => ({ state: 'saved', session: 1 }) as const;

    test.each([
      ['before its start', false],
      ['after it', true],
    ])('a sweep, of a run that had ended %s', async (_when, isStarted) => {
      vm.snapshots = [snapshotOf('clean', { live: true })];
      const { lease, machine } = await cells.open(inPlace);
      if (isStarted) await machine.start(never);
      await machine.keep();
      const record = await orphan(lease);
      Object.assign(vm, saved());
      strike();
      await expect(cells.sweep(record)).rejects.toThrow('killed');
      await sweptAgain();
    });

    test('the next run', async () => {
      vm.snapshots = [snapshotOf('clean', { live: true })];
      const { lease, machine } = await cells.open(inPlace);
      await machine.keep();
      await orphan(lease);
      const next = await cells.begin();
      strike();
      await expect(cells.open(inPlace, { lease: next })).rejects.toThrow('killed');
      await orphan(next);
      await sweptAgain();
    });

    test.each(['saved', 'paused'] as const)('the next run, of one that a person had %s', async (state) => {
      vm.state = state;
      const lease = await cells.begin();
      strike();
      await expect(cells.open(reset, { lease })).rejects.toThrow('killed');
      await orphan(lease);
      await sweptAgain();
    });

    test('its own run, whose restore had failed', async () => {
      vm.snapshots = [snapshotOf('clean', { live: true })];
      const lease = await cells.begin();
      cells.engine.onCall = ({ verb }) => {
        if (verb !== 'arrange') return;
        strike();
        throw new Error('no');
      };
      await expect(cells.open(inPlace, { lease })).rejects.toThrow();
      await orphan(lease);
      await sweptAgain();
    });

    test('its own run, at the end', async () => {
      vm.snapshots = [snapshotOf('clean', { live: true })];
      const { lease, machine } = await cells.open(inPlace);
      strike();
      await expect(machine.release()).rejects.toThrow('killed');
      await orphan(lease);
      await sweptAgain();
    });
  });

  test('and was about to start again for a person, when it was killed', async () => {
    Object.assign(vm, { state: 'running', snapshots: [snapshotOf('clean', { live: true })] });
    const lease = await cells.begin();
    let isDead = false;
    cells.engine.onCall = ({ verb, stage }) => {
      isDead ||= verb === 'start';
      if (isDead) throw new Error('killed');
      if (verb === 'powerOff' && stage === 'after') throw new Error('interrupted');
    };
    await expect(cells.open(reset, { lease })).rejects.toThrow('interrupted');
    cells.engine.onCall = () => {};
    expect(vm.state).toBe('saved');
    await cells.sweep(await orphan(lease));
    expect(vm.state).toBe('off');
  });

  test('on an engine without sessions', async () => {
    cells = await vmCells({ session: undefined });
    vm = cells.engine.add('debian');
    cells.engine.addresses.set('debian', '192.0.2.7');
    expect(await swept(await abandoned())).toEqual(['memory VM debian, which was left running']);
  });
});

describe('a person’s VM is left running when a cell had only waited', () => {
  test.each([
    ['for the VM', inPlace],
    ['to clone it', vmTarget()],
  ])('%s', async (_what, target) => {
    const unlock = await cells.host.locks.acquire(`memory-vm-${vm.id}`, { signal: never });
    const lease = await cells.begin();
    const abort = new AbortController();
    const opening = cells.open(target, { lease, signal: abort.signal });
    await expect.poll(() => cells.logged).toHaveLength(1);
    const record = structuredClone(lease.record);
    abort.abort(new Error('killed'));
    await expect(opening).rejects.toThrow('killed');
    await unlock();
    cells.engine.startByHand(vm);
    expect(record.facts).toMatchObject({ vm: { name: 'debian' } });
    expect(await swept(record)).toEqual([]);
    expect(vm.state).toBe('running');
  });
});

test('a lease that names no VM has nothing to sweep, but for what the engine knows itself', async () => {
  const lease = await cells.begin();
  expect(await swept(lease.record)).toEqual([]);
  const more = await vmCells({ sweep: async (_lease, { dryRun }) => [`an odd file, dry: ${dryRun}`] });
  expect(await more.sweep(lease.record, true)).toEqual(['an odd file, dry: true']);
  expect(await more.sweep(lease.record)).toEqual(['an odd file, dry: false']);
});
