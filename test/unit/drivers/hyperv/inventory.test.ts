import { describe, expect, test } from 'vitest';
import { type FoundSnapshot, type FoundVm, pickVm, vmState } from '../../../../drivers/hyperv/inventory.ts';

const snapshot = (id: string, name: string, parent = '', state = 'Off'): FoundSnapshot => ({
  id,
  name,
  parent,
  type: 'Standard',
  state,
});
const vm = (more: Partial<FoundVm> = {}): FoundVm => ({
  id: 'aaaa',
  name: 'web',
  state: 'Off',
  operation: 'Ok',
  memory: 2 ** 30,
  cpus: 2,
  tpm: false,
  adapters: 1,
  snapshots: [],
  ...more,
});

describe('a VM', () => {
  test('is the one with that id, else with that very name, else with that name in any case', () => {
    const all = [vm(), vm({ id: 'bbbb', name: 'WEB' }), vm({ id: 'cccc', name: 'AAAA' })];
    expect(pickVm('BBBB', all)?.id).toBe('bbbb');
    expect(pickVm('aaaa', all)?.id).toBe('aaaa');
    expect(pickVm('WEB', all.slice(0, 2))?.id).toBe('bbbb');
    expect(pickVm('Web', [vm()])?.id).toBe('aaaa');
    expect(pickVm('web', [])).toBeUndefined();
  });

  test('whose name another has too is a problem, with the ids', () => {
    const { problems = [] } = pickVm('web', [vm(), vm({ id: 'bbbb' })]) ?? {};
    expect(problems).toMatchObject([
      { code: 'HYPERV_VM_AMBIGUOUS', hint: expect.stringContaining('aaaa, bbbb') },
    ]);
  });

  test('without a network, or out of order, is one as well', () => {
    const found = pickVm('web', [vm({ adapters: 0, state: 'OffCritical' })]);
    expect(found?.problems.map(({ code }) => code)).toEqual(['HYPERV_VM_CRITICAL', 'HYPERV_NO_NETWORK']);
    expect(pickVm('web', [vm()])?.problems).toEqual([]);
  });
});

test('checkpoints have the names from the root as their path, and know whether they hold memory', () => {
  const snapshots = [
    snapshot('3', 'clean', '2', 'Running'),
    snapshot('1', 'clean'),
    snapshot('2', 'updated', '1', 'FastSaved'),
    snapshot('4', 'round', '5'),
    snapshot('5', 'and round', '4'),
  ];
  expect(pickVm('web', [vm({ snapshots })])?.snapshots).toMatchObject([
    { id: '3', path: 'clean/updated/clean', live: true, stamp: '3' },
    { id: '1', path: 'clean', live: false },
    { id: '2', path: 'clean/updated', live: true },
    { path: 'and round/round' },
    { path: 'round/and round' },
  ]);
});

test.each([
  ['Off', 'Ok', 'off'],
  ['Running', 'Ok', 'running'],
  ['Running', 'InService', 'running'],
  ['Paused', 'Ok', 'paused'],
  ['Saved', 'Ok', 'saved'],
  ['FastSaved', 'Ok', 'saved'],
  ['Off', 'InService', 'changing'],
  ['Saved', 'InService', 'changing'],
  ['Starting', 'Ok', 'changing'],
  ['Stopping', 'InService', 'changing'],
  ['Saving', 'Ok', 'changing'],
  ['RunningCritical', 'Ok', 'broken'],
  ['Other', 'Ok', 'broken'],
] as const)('%s, %s is %s', (state, operation, expected) => {
  expect(vmState(state, operation)).toBe(expected);
});
