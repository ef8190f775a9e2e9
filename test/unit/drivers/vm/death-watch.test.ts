import { beforeEach, expect, test, vi } from 'vitest';
import type { DeathWatch } from '../../../../drivers/death-watch.ts';
import { Commands } from '../../../../drivers/vm/commands.ts';
import type { VmState } from '../../../../drivers/vm/control.ts';
import { watchVm } from '../../../../drivers/vm/death-watch.ts';
import { createHost } from '../../../../src/host/create-host.ts';
import { passTime, timeTaken, useFakeTime } from '../../../support/fake-time.ts';
import { never, vmTarget } from '../../../support/vm-cells.ts';
import { MemoryEngine, type MemoryVm } from '../../../support/vm-control.ts';

vi.mock('node:timers/promises', () => import('../../../support/fake-delay.ts'));
useFakeTime();

let engine: MemoryEngine;
let vm: MemoryVm;
let watch: DeathWatch;
let said: string[];

beforeEach(() => {
  engine = new MemoryEngine();
  vm = engine.add('debian', { state: 'running' });
  watch = watchVm(new Commands(engine.control()), vm, {
    host: createHost(),
    target: vmTarget(),
    signal: never,
  });
  said = [];
  void watch.died.then((why) => said.push(why));
});

test.each<[VmState, string]>([
  ['off', 'it is off'],
  ['saved', 'it was suspended'],
  ['paused', 'it was paused: by a person, or by the engine for want of disk space'],
  ['broken', 'the engine calls it broken'],
])('a VM that is %s has ended', async (state, why) => {
  watch.begin();
  vm.state = state;
  await passTime(watch.died);
  expect(said).toEqual([`the VM debian ended: ${why}`]);
  expect(vi.getTimerCount()).toBe(0);
});

test('so has one that is gone', async () => {
  watch.begin();
  engine.vms.pop();
  await passTime(watch.died);
  expect(said).toEqual(['the VM debian ended: it is not there any more']);
});

test('a VM that runs, or changes its state, has not', async () => {
  watch.begin();
  await vi.advanceTimersByTimeAsync(60_000);
  vm.state = 'changing';
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual([]);
  vm.state = 'off';
  expect(await timeTaken(watch.died)).toBeLessThanOrEqual(1_500);
});

test('an engine that does not answer for once says nothing about its VM', async () => {
  watch.begin();
  engine.onCall = () => {
    throw new Error('connection refused');
  };
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual([]);
  engine.onCall = () => {};
  vm.state = 'off';
  await passTime(watch.died);
  expect(said).toHaveLength(1);
});

test('it is silent before it begins, and after its end', async () => {
  vm.state = 'off';
  await vi.advanceTimersByTimeAsync(10_000);
  watch.begin();
  watch.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('an end in the middle of a look is silent too', async () => {
  vm.state = 'off';
  engine.onCall = ({ verb, stage }) => {
    if (verb === 'state' && stage === 'after') watch.end();
  };
  watch.begin();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual([]);
});
