/** The engine of the user's own executables: anything that can be restored, started and reached is a machine. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { Check, Driver, DriverContext, OpenContext } from '../driver.ts';
import { unusable } from '../unusable.ts';
import { openMachine } from './open-machine.ts';
import { makePlan, planOrThrow } from './plan.ts';
import { sweepLease } from './sweep.ts';

export const commandDriver: Driver = {
  engine: 'command',
  // What the protocol carries; whether a program does its part, its `probe` says.
  capabilities: {
    liveSnapshot: false,
    linkedClone: true,
    parallel: true,
    agent: true,
    console: true,
    screenshot: true,
    portForward: false,
  },
  // Programs belong to targets: `check` asks them.
  probe: async () => ({
    available: true,
    findings: ['runs the executables that targets name under `program` or `commands`'],
    fixes: [],
  }),
  check: checkTarget,
  // A clean state of this engine is made by its owner.
  prepare: async () => {},
  open: async (target: BaseTarget, context: OpenContext) =>
    openMachine(await planOrThrow(target, context), context),
  sweep: sweepLease,
};

async function checkTarget(target: BaseTarget, context: DriverContext): Promise<Check> {
  const { plan, problems } = await makePlan(target, context);
  if (!plan) return unusable(problems);
  const { demand = {}, exclusive, cleanState, slowdown = 1, notes = [] } = plan.probed;
  return {
    problems: [],
    demand: { cpus: demand.cpus ?? target.cpus, memory: demand.memory ?? target.memory ?? 0 },
    exclusive: exclusive === undefined ? null : `command:${exclusive}`,
    cleanState: cleanState ?? `"${target.snapshot}", by the verb restore`,
    needsPrepare: false,
    access: plan.access,
    slowdown,
    notes,
  };
}
