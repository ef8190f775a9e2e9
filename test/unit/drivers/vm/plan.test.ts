import { describe, expect, test } from 'vitest';
import { Commands } from '../../../../drivers/vm/commands.ts';
import { makePlan, planOrThrow } from '../../../../drivers/vm/plan.ts';
import type { BaseTarget } from '../../../../matrix/model.ts';
import { createHost } from '../../../../src/host/create-host.ts';
import { never, vmTarget } from '../../../support/vm-cells.ts';
import { type ControlChanges, MemoryEngine, snapshotOf } from '../../../support/vm-control.ts';

const host = createHost();

function planner(engine: MemoryEngine, changes: ControlChanges = {}) {
  const commands = new Commands(engine.control(changes));
  return (target: BaseTarget) => makePlan(commands, { host, target, signal: never });
}

function engineWith(...paths: string[]): MemoryEngine {
  const engine = new MemoryEngine();
  engine.add('debian', { snapshots: paths.map((path) => snapshotOf(path)) });
  return engine;
}

async function problemOf(engine: MemoryEngine, target: BaseTarget, changes: ControlChanges = {}) {
  const { problems } = await planner(engine, changes)(target);
  expect(problems).toHaveLength(1);
  return problems[0];
}

describe('the VM', () => {
  test('may be named by its id', async () => {
    const { plan } = await planner(engineWith('clean'))(vmTarget({ vm: 'id-of-debian' }));
    expect(plan?.vm.name).toBe('debian');
  });

  test.each([
    ['debain', 'did you mean `debian`?'],
    ['windows-11', 'it has: `debian`'],
  ])('%s is not there', async (vm, hint) => {
    expect(await problemOf(engineWith('clean'), vmTarget({ vm }))).toEqual({
      code: 'VM_MISSING',
      message: `memory has no VM "${vm}"`,
      hint,
    });
  });

  test('is not there among many, or among none', async () => {
    const many = new MemoryEngine();
    for (let number = 10; number < 30; number += 1) many.add(`machine-${number}`);
    expect((await problemOf(many, vmTarget()))?.hint).toMatch(/^It has 20 others/);
    expect((await problemOf(new MemoryEngine(), vmTarget()))?.hint).toMatch(/^It has none/);
  });

  test('has all of its problems told at once', async () => {
    const engine = new MemoryEngine();
    engine.add('debian', { problems: [{ code: 'TOOLS', message: 'no tools' }] });
    const plan = planner(engine, { problems: async () => [{ code: 'PASSWORD', message: 'no password' }] });
    const codes = async (target: BaseTarget) => (await plan(target)).problems.map(({ code }) => code);
    expect(await codes(vmTarget({}, { snapshot: 'nope' }))).toEqual([
      'TOOLS',
      'PASSWORD',
      'SNAPSHOT_MISSING',
    ]);
    engine.whyNoClone.set('clean', 'no');
    expect(await codes(vmTarget({ clone: 'linked' }))).toEqual(['TOOLS', 'PASSWORD', 'VM_NO_CLONE']);
    expect(await codes(vmTarget())).toEqual(['TOOLS', 'PASSWORD']);
  });
});

describe('the snapshot', () => {
  test('is not there: the nearest spelling, the few that are, or what to do', async () => {
    const hint = async (wanted: string, ...paths: string[]) =>
      (await problemOf(engineWith(...paths), vmTarget({}, { snapshot: wanted })))?.hint;
    expect(await hint('clear', 'base', 'base/clean')).toBe('did you mean `clean`?');
    expect(await hint('clean', 'base', 'node-20')).toBe('it has: `base`, `node-20`');
    expect(await hint('base/clear', 'base', 'base/clean')).toBe('did you mean `base/clean`?');
    expect(await hint('clean')).toBe('It has none at all: take one.');
  });

  test('is one of two of that name: the paths tell them apart', async () => {
    const engine = engineWith('base/clean', 'updated/clean');
    expect(await problemOf(engine, vmTarget())).toEqual({
      code: 'SNAPSHOT_AMBIGUOUS',
      message: 'the VM "debian" has 2 snapshots called "clean"',
      hint: 'Write as much of the path as tells them apart: "base/clean", "updated/clean".',
    });
    const { plan } = await planner(engine)(vmTarget({}, { snapshot: 'updated/clean' }));
    expect(plan?.snapshot.path).toBe('updated/clean');
  });

  test('is one of two with the same path, which some engines allow: the ids do', async () => {
    const engine = new MemoryEngine();
    engine.add('debian', { snapshots: ['1', '2'].map((id) => snapshotOf('base/clean', { id })) });
    expect((await problemOf(engine, vmTarget()))?.hint).toBe('Write its id: "1", "2".');
    const { plan } = await planner(engine)(vmTarget({}, { snapshot: '2' }));
    expect(plan?.snapshot.id).toBe('2');
  });

  test('names of VMs and snapshots are quoted, whatever they hold', async () => {
    const engine = new MemoryEngine();
    engine.add('a "b"\n', { snapshots: [] });
    const problem = await problemOf(engine, vmTarget({ vm: 'a "b"\n' }, { snapshot: '\u001b[2J' }));
    expect(problem?.message).toBe('the VM "a \\"b\\"\\n" has no snapshot "\\u001b[2J"');
  });
});

describe('clones', () => {
  const way = async (engine: MemoryEngine, target: BaseTarget, changes: ControlChanges = {}) => {
    const { plan, problems } = await planner(engine, changes)(target);
    return plan ? { cloned: plan.cloned, notes: plan.notes } : problems.map(({ code }) => code);
  };
  const none = { snapshot: 'none' };
  const cloneable = engineWith('clean');
  const fixed = engineWith('clean');
  fixed.whyNoClone.set('clean', 'it holds memory').set('none', 'it is not off');
  const without = { clone: undefined };

  test.each(['auto', 'linked'])('%s: where the engine can', async (clone) => {
    expect(await way(cloneable, vmTarget({ clone }))).toEqual({ cloned: true, notes: [] });
    expect(await way(cloneable, vmTarget({ clone }, none))).toEqual({ cloned: true, notes: [] });
  });

  test('auto: in the VM itself where it cannot, and says why', async () => {
    const notes = ['no linked clones: it holds memory'];
    expect(await way(fixed, vmTarget())).toEqual({ cloned: false, notes });
    expect(await way(cloneable, vmTarget(), without)).toEqual({
      cloned: false,
      notes: ['no linked clones: memory has no linked clones'],
    });
  });

  test('linked: a problem where it cannot, with the way out', async () => {
    expect(await way(fixed, vmTarget({ clone: 'linked' }))).toEqual(['VM_NO_CLONE']);
    const problem = await problemOf(cloneable, vmTarget({ clone: 'linked' }), without);
    expect(problem).toMatchObject({ code: 'VM_NO_CLONE', hint: expect.stringContaining('`clone: none`') });
  });

  test('none: in the VM itself, without a word, and without asking', async () => {
    const asked = () => {
      throw new Error('nobody should ask');
    };
    expect(await way(cloneable, vmTarget({ clone: 'none' }), { whyNoClone: asked })).toEqual({
      cloned: false,
      notes: [],
    });
  });

  test('of the VM as it is: never in the VM itself', async () => {
    expect(await way(fixed, vmTarget({}, none))).toEqual(['VM_NO_CLONE']);
    expect(await way(cloneable, vmTarget({}, none), without)).toEqual(['VM_NO_CLONE']);
    expect((await problemOf(fixed, vmTarget({}, none)))?.hint).toBe(
      'Take a snapshot of the VM and name it in `snapshot`.',
    );
  });

  test('none of the VM as it is: there is nothing to restore', async () => {
    expect(await problemOf(cloneable, vmTarget({ clone: 'none' }, none))).toMatchObject({
      code: 'VM_NEEDS_SNAPSHOT',
      message: expect.stringContaining('nothing to restore'),
    });
  });

  test('of the VM as it is, on an engine that cannot: a snapshot is needed', async () => {
    const problem = await problemOf(engineWith('clear'), vmTarget({}, none), { asItIs: undefined });
    expect(problem).toMatchObject({ code: 'VM_NEEDS_SNAPSHOT', hint: 'did you mean `clear`?' });
  });
});

describe('a snapshot that the engine cannot restore in the VM itself', () => {
  const restoreProblem = () => ({ code: 'NO_RESTORE', message: 'it cannot' });

  test('is told before anything is touched', async () => {
    const engine = engineWith('clean');
    expect(await problemOf(engine, vmTarget({ clone: 'none' }), { restoreProblem })).toEqual(
      restoreProblem(),
    );
    engine.whyNoClone.set('clean', 'it holds memory');
    expect(await problemOf(engine, vmTarget(), { restoreProblem })).toEqual(restoreProblem());
    expect(engine.changes).toEqual([]);
  });

  test('does not matter to clones, nor where there is no way anyhow', async () => {
    const { plan } = await planner(engineWith('clean'), { restoreProblem })(vmTarget());
    expect(plan?.cloned).toBe(true);
    const nothing = vmTarget({ clone: 'none' }, { snapshot: 'none' });
    expect((await problemOf(engineWith('clean'), nothing, { restoreProblem }))?.code).toBe(
      'VM_NEEDS_SNAPSHOT',
    );
  });
});

test('what comes up after the check is thrown, with its hint', async () => {
  const commands = new Commands(engineWith('clean').control());
  const target = vmTarget({ vm: 'debain' });
  await expect(planOrThrow(commands, { host, target, signal: never })).rejects.toMatchObject({
    code: 'VM_MISSING',
    hint: 'did you mean `debian`?',
  });
});
