/**
 * Make-believe machines: no process, no disk, but the whole contract, with the latencies and failures that the matrix
 * file asks for. It ships, for demos, examples and tests of everything above the drivers.
 */
import type { BaseTarget } from '../../matrix/model.ts';
import { undoAndThrow } from '../../src/host/errors.ts';
import type { Check, Driver, OpenContext, PrepareContext } from '../driver.ts';
import { FakeMachine } from './machine.ts';
import type { FakeOptions } from './schema.ts';
import { Script } from './script.ts';

const ONE_MACHINE = { cpus: 1, memory: 64 * 1024 ** 2 };

export const fakeDriver: Driver = {
  engine: 'fake',
  capabilities: {
    liveSnapshot: true,
    linkedClone: true,
    parallel: true,
    agent: true,
    console: false,
    screenshot: false,
    portForward: false,
  },
  probe: async () => ({ available: true, acceleration: 'none', findings: ['always here'], fixes: [] }),
  check: async (target) => checkTarget(target, optionsOf(target)),
  prepare: async (target: BaseTarget, context: PrepareContext) => {
    const script = new Script(optionsOf(target), target.name, 1);
    await script.play('prepare', context.signal);
  },
  open: async (target: BaseTarget, context: OpenContext) => {
    const { cell, attempt, id } = context.lease.record;
    const script = new Script(optionsOf(target), cell ?? target.name, attempt ?? 1);
    const machine = new FakeMachine(`vmtest-${id}`, target, script);
    try {
      await machine.play('restore', context.signal);
      return machine;
    } catch (error) {
      return undoAndThrow(error, () => machine.release());
    }
  },
  sweep: async () => [],
};

function optionsOf(target: BaseTarget): FakeOptions {
  return target.options as FakeOptions;
}

function checkTarget(target: BaseTarget, options: FakeOptions): Check {
  return {
    problems:
      options.unavailable === undefined
        ? []
        : [{ code: 'FAKE_UNAVAILABLE', message: options.unavailable, hint: 'Remove the key `unavailable`.' }],
    demand: { cpus: target.cpus, memory: target.memory ?? ONE_MACHINE.memory },
    exclusive: options.exclusive ? `fake:${target.name}` : null,
    cleanState: 'make-believe',
    needsPrepare: options.latency?.prepare !== undefined || options.fail?.prepare !== undefined,
    access: ['agent'],
    slowdown: 1,
    notes: [],
  };
}
