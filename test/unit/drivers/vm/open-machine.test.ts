import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Lease } from '../../../../src/host/host.ts';
import { never, type VmCells, vmCells, vmTarget } from '../../../support/vm-cells.ts';
import { busy, type Call, type MemoryVm, snapshotOf } from '../../../support/vm-control.ts';

const inPlace = vmTarget({ clone: 'none' });
const reset = vmTarget({ clone: 'none', 'if-running': 'reset' });

let cells: VmCells;
let vm: MemoryVm;

beforeEach(async () => {
  cells = await vmCells();
  vm = cells.engine.add('debian');
});

describe('a linked clone', () => {
  test('is of the snapshot, carries the lease’s name, and leaves the VM alone', async () => {
    cells.engine.startByHand(vm);
    const { machine, lease } = await cells.open(vmTarget());
    const name = `vmtest-${lease.record.id}`;
    expect(machine.name).toBe(name);
    expect(machine.clean).toEqual({ identity: 'memory:id-of-debian:clean@1', facts: {} });
    expect(cells.engine.vms.at(-1)).toMatchObject({ name, state: 'off', content: 'clean@1' });
    expect(vm).toMatchObject({ state: 'running', content: 'own work' });
    expect(cells.engine.changes).toEqual(['clone debian', `arrange ${name}`]);
    expect(await cells.isFree(vm)).toBe(true);
  });

  test('is in the lease before it is made, and its folder is there', async () => {
    const lease = await cells.begin();
    const onDisk: unknown[] = [];
    cells.engine.onCall = async ({ verb, stage }) => {
      if (verb !== 'clone' || stage !== 'before') return;
      const { leases } = await cells.host.leases.list();
      onDisk.push(leases[0]?.record.facts['clone']);
      onDisk.push((await stat(join(lease.record.folder, 'clone'))).isDirectory());
    };
    await cells.open(vmTarget(), { lease });
    expect(onDisk).toEqual([`vmtest-${lease.record.id}`, true]);
  });

  test('lives beside others, which are made one at a time', async () => {
    let making = 0;
    let most = 0;
    cells.engine.onCall = async ({ verb, stage }) => {
      if (verb !== 'clone') return;
      making += stage === 'before' ? 1 : -1;
      most = Math.max(most, making);
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const opened = await Promise.all([1, 2, 3].map(() => cells.open(vmTarget())));
    expect(most).toBe(1);
    expect(new Set(opened.map(({ machine }) => machine.name)).size).toBe(3);
    await Promise.all(opened.map(({ machine }) => machine.release()));
    expect(cells.engine.leftovers()).toEqual([]);
  });
});

describe('in the VM itself', () => {
  test('the snapshot is restored, and the VM is ours until the release', async () => {
    const { machine, lease } = await cells.open(inPlace);
    expect(machine.name).toBe(`debian (vmtest-${lease.record.id})`);
    expect(vm).toMatchObject({ state: 'off', content: 'clean@1' });
    expect(await cells.isFree(vm)).toBe(false);
    await machine.release();
    expect(await cells.isFree(vm)).toBe(true);
  });

  test('two take turns, and the second is told who has it', async () => {
    const first = await cells.open(inPlace);
    const opening = cells.open(inPlace);
    await expect.poll(() => cells.logged).toEqual([`t: the VM debian is in use by process ${process.pid}`]);
    await first.machine.start(never);
    expect(cells.engine.changes.filter((change) => change.startsWith('restore'))).toHaveLength(1);
    await first.machine.release();
    const second = await opening;
    expect(cells.engine.changes.filter((change) => change.startsWith('restore'))).toHaveLength(2);
    await second.machine.release();
  });

  test.each(['running', 'paused', 'saved'] as const)('a VM that is %s is not touched', async (state) => {
    vm.state = state;
    await expect(cells.open(inPlace)).rejects.toMatchObject({
      code: 'VM_RUNNING',
      hint: expect.stringContaining('if-running: reset'),
    });
    expect(vm).toMatchObject({ state, content: 'own work' });
    expect(cells.engine.changes).toEqual([]);
    expect(await cells.isFree(vm)).toBe(true);
  });

  test.each(['running', 'paused', 'saved'] as const)(
    'that is %s is powered off for `reset`',
    async (state) => {
      vm.state = state;
      await cells.open(reset);
      expect(cells.engine.changes).toEqual(['powerOff debian', 'restore debian', 'arrange debian']);
    },
  );

  test('one that ran is started again from the snapshot when the cell is done, others are not', async () => {
    vm.state = 'running';
    const first = await cells.open(reset);
    await first.machine.start(never);
    await first.machine.release();
    expect(vm).toMatchObject({ state: 'running', content: 'clean@1' });
    vm.state = 'paused';
    const second = await cells.open(reset);
    await second.machine.release();
    expect(vm.state).toBe('off');
  });

  test('a start that has to wait is no second restore', async () => {
    Object.assign(vm, { state: 'running', snapshots: [snapshotOf('clean', { live: true })] });
    const { machine } = await cells.open(reset);
    let left = 1;
    cells.engine.changes.length = 0;
    cells.engine.onCall = ({ verb, stage }) => {
      if (verb === 'start' && stage === 'before' && left-- > 0) throw busy();
    };
    await machine.release();
    const starts = ['start debian', 'start debian'];
    expect(cells.engine.changes).toEqual(['powerOff debian', 'restore debian', ...starts]);
    expect(vm.state).toBe('running');
  });

  test('one that cannot be started again is free all the same', async () => {
    vm.state = 'running';
    const { machine } = await cells.open(reset);
    cells.engine.onCall = ({ verb }) => {
      if (verb === 'start') throw new Error('no licence');
    };
    await expect(machine.release()).rejects.toThrow('no licence');
    expect(await cells.isFree(vm)).toBe(true);
  });

  test('a VM that is changing its state is waited for', async () => {
    vm.state = 'changing';
    const opening = cells.open(inPlace);
    let looks = 0;
    cells.engine.onCall = ({ verb, stage }) => {
      if (verb === 'state' && stage === 'before' && ++looks === 2) vm.state = 'off';
    };
    await opening;
    expect(looks).toBe(2);
    expect(vm.content).toBe('clean@1');
  });

  test('a VM that went away meanwhile is named', async () => {
    const unlock = await cells.host.locks.acquire(`memory-vm-${vm.id}`, { signal: never });
    const opening = cells.open(inPlace);
    await expect.poll(() => cells.logged).toHaveLength(1);
    cells.engine.vms.pop();
    await unlock();
    await expect(opening).rejects.toMatchObject({ code: 'VM_MISSING', hint: expect.any(String) });
  });

  test('a lease says that the VM is restored before that begins, and not before the VM is free', async () => {
    const lease = await cells.begin();
    const facts: [string, unknown][] = [];
    cells.engine.onCall = async ({ verb, stage }) => {
      if (stage === 'after' || verb === 'find') return;
      const [listed] = (await cells.host.leases.list()).leases;
      facts.push([verb, listed?.record.facts['restored']]);
    };
    vm.state = 'running';
    await cells.open(reset, { lease });
    expect(facts).toEqual([
      ['state', undefined],
      ['powerOff', undefined],
      ['restore', true],
      ['arrange', true],
    ]);
  });
});

test('no secret of the target gets to the disk', async () => {
  const { lease } = await cells.open(
    vmTarget({ 'guest-password': 'hunter2' }, { guest: { password: 'hunter2', passphrase: 'hunter2' } }),
  );
  const path = join(cells.host.paths.state, 'leases', `${lease.record.id}.json`);
  const text = await readFile(path, 'utf8');
  expect(text).toContain('"vm":"debian"');
  expect(text).not.toContain('hunter2');
});

test('a busy engine is tried again at every step', async () => {
  const refused = new Set<string>();
  cells.engine.onCall = ({ verb, stage }) => {
    if (stage === 'after' || refused.has(verb)) return;
    refused.add(verb);
    throw busy();
  };
  cells.engine.vms.length = 0;
  vm = cells.engine.add('debian', { snapshots: [snapshotOf('clean', { live: true })] });
  const { machine } = await cells.open(inPlace);
  await machine.release();
  expect([...refused].sort()).toEqual(['arrange', 'find', 'powerOff', 'restore', 'state']);
  expect(vm).toMatchObject({ state: 'off', content: 'clean@1' });
});

describe('an open that fails or is aborted at any step', () => {
  const verbs = ['find', 'clone', 'state', 'powerOff', 'restore', 'arrange'] as const;
  const clones = ['linked', 'none'] as const;
  const steps = fc.record({
    verb: fc.constantFrom(...verbs),
    stage: fc.constantFrom<Call['stage']>('before', 'midway', 'after'),
    abort: fc.boolean(),
    live: fc.boolean(),
    was: fc.constantFrom('running', 'saved', 'paused', 'off'),
    clone: fc.constantFrom(...clones),
  });
  type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;
  const usual = { stage: 'before', abort: false, live: true, was: 'running' } as const;
  /** Every verb fails at least once. */
  const surely: [Step][] = [
    ...verbs.flatMap((verb) => clones.map((clone) => [{ ...usual, verb, clone }] as [Step])),
    ...[false, true].map(
      (abort) =>
        [{ ...usual, verb: 'powerOff', stage: 'midway', abort, was: 'saved', clone: 'none' }] as [Step],
    ),
  ];

  test('leaves nothing: no clone, no lock, no VM that looks as if somebody had it', {
    timeout: 60_000,
  }, async () => {
    const reached = new Set<string>();
    const prove = fc.asyncProperty(steps, async ({ verb, stage, abort, live, was, clone }) => {
      const { engine } = cells;
      engine.vms.length = 0;
      engine.files.clear();
      const snapshots = [snapshotOf('clean', { live })];
      const own = engine.add('debian', { snapshots, state: was });
      const controller = new AbortController();
      let failed = false;
      engine.onCall = (call) => {
        if (failed || call.verb !== verb || call.stage !== stage) return;
        failed = true;
        if (abort) controller.abort(new Error('as asked'));
        else throw new Error('as asked');
      };
      const opening = cells.open(vmTarget({ clone, 'if-running': 'reset' }), { signal: controller.signal });
      const [end] = await Promise.allSettled([opening]);
      engine.onCall = () => {};
      // After the last step there is nothing left to be cut short.
      const fails = failed && !(abort && verb === 'arrange' && stage === 'after');
      expect(end).toMatchObject(fails ? { reason: { message: 'as asked' } } : { status: 'fulfilled' });
      if (end.status === 'fulfilled') await end.value.machine.release();
      else expect(end.reason.leftBehind).toBeUndefined();
      if (failed) reached.add(`${verb} ${clone}`);

      expect(engine.leftovers()).toEqual([]);
      expect(await cells.isFree(own)).toBe(true);
      if (clone === 'linked') expect(own).toMatchObject({ state: was, content: 'own work' });
      else if (was === 'running') expect(own.state).toBe(was);
      else expect(own.content === 'own work' ? ['off', was] : ['off']).toContain(own.state);
      const { machine } = await cells.open(vmTarget({ clone, 'if-running': 'reset' }));
      await machine.release();
    });
    await fc.assert(prove, { numRuns: 80, examples: surely });
    expect([...reached].sort()).toEqual([
      'arrange linked',
      'arrange none',
      'clone linked',
      'find linked',
      'find none',
      'powerOff none',
      'restore none',
      'state none',
    ]);
  });

  test.each([
    ['a clone that cannot be removed', 'arrange', 'remove', vmTarget()],
    ['a VM that cannot be powered off', 'restore', 'powerOff', inPlace],
  ] as const)('and cannot be undone says what is left: %s', async (_what, fails, undo, target) => {
    cells.engine.onCall = ({ verb, stage }) => {
      if (verb === fails && stage === 'after') throw new Error('as asked');
      if (verb === undo && stage === 'before') throw new Error('nor that');
    };
    await expect(cells.open(target)).rejects.toMatchObject({ message: 'as asked', leftBehind: 'nor that' });
    expect(await cells.isFree(vm)).toBe(true);
  });

  test('before the power-off of what a person suspended has begun, leaves that as it was', async () => {
    vm.state = 'saved';
    const lease = await cells.begin();
    const abort = new AbortController();
    const note: Lease['note'] = async (facts) => {
      await lease.note(facts);
      if ('starting' in facts) abort.abort(new Error('interrupted'));
    };
    const opening = cells.open(reset, { lease: { ...lease, note }, signal: abort.signal });
    await expect(opening).rejects.toThrow('interrupted');
    expect(vm).toMatchObject({ state: 'saved', content: 'own work' });
    expect(await cells.isFree(vm)).toBe(true);
  });

  test('while it waits for its turn', async () => {
    const holder = await cells.open(inPlace);
    const abort = new AbortController();
    const opening = cells.open(inPlace, { signal: abort.signal });
    await expect.poll(() => cells.logged).toHaveLength(1);
    abort.abort(new Error('interrupted'));
    await expect(opening).rejects.toThrow('interrupted');
    expect(await cells.isFree(vm)).toBe(false);
    await holder.machine.release();
    expect(await cells.isFree(vm)).toBe(true);
  });
});
