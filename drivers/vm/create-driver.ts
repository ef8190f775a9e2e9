/** A driver out of an engine's control. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { Check, Driver, DriverContext } from '../driver.ts';
import { unusable } from '../unusable.ts';
import { Commands } from './commands.ts';
import type { VmContext, VmControl } from './control.ts';
import { inUseByAPerson } from './in-use.ts';
import { openMachine } from './open-machine.ts';
import { makePlan, type Plan } from './plan.ts';
import { sweepLease } from './sweep.ts';

/** Bytes that an engine takes for itself beside the guest's memory. */
const OVERHEAD = 128 * 1024 ** 2;

export function createVmDriver(control: VmControl): Driver {
  const commands = new Commands(control);
  return {
    engine: control.engine,
    capabilities: control.capabilities,
    probe: (context) => control.probe(context),
    check: (target, context) => check(commands, target, context),
    // The clean state is the person's own snapshot.
    prepare: async () => {},
    open: (target, context) => openMachine(commands, target, context),
    sweep: (lease, context) => sweepLease(commands, lease, context),
  };
}

async function check(commands: Commands, target: BaseTarget, context: DriverContext): Promise<Check> {
  const { control } = commands;
  const of: VmContext = { ...context, target };
  const { problems, plan } = await makePlan(commands, of);
  if (!plan) return unusable(problems);
  const { vm, cloned, notes } = plan;
  const used = cloned ? undefined : await inUseByAPerson(commands, vm, of);
  if (used) return unusable([used]);
  return {
    problems: [],
    demand: { cpus: vm.cpus, memory: vm.memory + OVERHEAD },
    exclusive: cloned ? null : `${control.engine}:${vm.id}`,
    cleanState: describe(plan, target),
    needsPrepare: false,
    access: control.access(vm, target),
    slowdown: (await control.slowdown?.(vm, of)) ?? 1,
    notes,
  };
}

function describe({ cloned, snapshot }: Plan, target: BaseTarget): string {
  const boots = snapshot.live ? '' : ', cold boot';
  if (target.snapshot === 'none') return `linked clone of the VM as it is${boots}`;
  const name = JSON.stringify(snapshot.path);
  return cloned
    ? `linked clone of snapshot ${name}${boots}`
    : `snapshot ${name}, restored in the VM itself${boots}`;
}
