/** Plans of runs whose machines are those of an engine in memory. */
import type { Driver, Machine, MachineAccess } from '../../../drivers/driver.ts';
import { FakeChannel } from '../../../drivers/fake/channel.ts';
import { engineSchemas } from '../../../drivers/registry.ts';
import { createVmDriver } from '../../../drivers/vm/create-driver.ts';
import { factsOf } from '../../../drivers/vm/lease-facts.ts';
import { loadMatrix } from '../../../matrix/load-matrix.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import { VmtestError } from '../../../src/host/errors.ts';
import type { Host } from '../../../src/host/host.ts';
import type { Plan } from '../../../src/run/plan.ts';
import {
  type BrokenTarget,
  type PlannedTarget,
  ProbeOnce,
  planTarget,
} from '../../../src/run/plan-target.ts';
import type { MemoryEngine } from '../vm-control.ts';
import type { Guard } from './guard.ts';
import { currentProcess, gate, type SimulatedProcess } from './process.ts';

export interface RunRequest {
  jobs: number;
  failFast: boolean;
  targets: {
    vm: 'debian' | 'windows';
    /** Linked clones, or the VM itself. */
    clone: 'auto' | 'none';
    cells: number;
  }[];
  /** How the cells end, in turn. */
  ends: ('pass' | 'fail' | 'break')[];
}

const drivers = new Map<SimulatedProcess, Driver>();

/** Of the process whose code runs. */
export function driverIn(): Driver {
  return drivers.get(currentProcess() as SimulatedProcess) as Driver;
}

/** For the sweep of a process that plans nothing. */
export function bringDriver(engine: MemoryEngine, guard: Guard): Driver {
  const driver = createVmDriver(engine.control());
  const watched: Driver = {
    ...driver,
    sweep: async (lease, context) => {
      try {
        return await driver.sweep(lease, context);
      } finally {
        guard.letGo(factsOf(lease)?.vm.name ?? '');
      }
    },
  };
  drivers.set(currentProcess() as SimulatedProcess, watched);
  return watched;
}

export async function planOf(request: RunRequest, host: Host, guard: Guard): Promise<Plan> {
  const { matrix, problems } = loadMatrix(matrixText(request), {
    file: 'matrix.yml',
    path: '/matrix.yml',
    engines: engineSchemas(),
  });
  if (!matrix) throw new Error(problems.map(({ message }) => message).join('; '));
  const driver = driverIn();
  const plan: Plan = { matrix, cells: matrix.cells, targets: new Map(), broken: new Map() };
  const signal = new AbortController().signal;
  const guests = new Guests(request, guard);
  for (const [index, { vm, clone }] of request.targets.entries()) {
    const name = `t${index}`;
    const target: BaseTarget = {
      ...(matrix.targets[name] as BaseTarget),
      engines: ['memory'],
      options: { vm, clone, 'if-running': 'fail' },
    };
    matrix.targets[name] = target;
    const planned: PlannedTarget | BrokenTarget = await planTarget(
      target,
      host,
      new ProbeOnce(host, signal),
      signal,
    );
    if ('problems' in planned) plan.broken.set(name, planned);
    else
      plan.targets.set(name, {
        ...planned,
        driver: guests.driver(driver, vm),
        check: { ...planned.check, access: ['agent'] },
      });
  }
  return plan;
}

function matrixText({ targets }: RunRequest): string {
  const most = Math.max(...targets.map(({ cells }) => cells));
  return JSON.stringify({
    version: 1,
    targets: Object.fromEntries(targets.map((_target, index) => [`t${index}`, { engine: 'fake' }])),
    matrix: {
      target: targets.map((_target, index) => `t${index}`),
      n: Array.from({ length: most }, (_, n) => n),
      exclude: targets.flatMap(({ cells }, index) =>
        Array.from({ length: most - cells }, (_, n) => ({ target: `t${index}`, n: cells + n })),
      ),
    },
    limits: { cpus: 64, memory: '64G' },
    test: { run: 'true' },
  });
}

export function attemptName(cell: string, number: number): string {
  return `${cell}#${number}`;
}

/** Guests that answer at once, and end their command as the request says. */
class Guests {
  readonly #request: RunRequest;
  readonly #guard: Guard;
  #ended = 0;

  constructor(request: RunRequest, guard: Guard) {
    this.#request = request;
    this.#guard = guard;
  }

  driver(driver: Driver, vm: string): Driver {
    return {
      ...driver,
      open: async (target, context) => {
        const { cell = '', attempt = 1 } = context.lease.record;
        const who = attemptName(cell, attempt);
        this.#guard.opens(who, this.#request.jobs);
        try {
          return this.#reachable(await driver.open(target, context), vm, who);
        } catch (error) {
          this.#close(who, vm);
          throw error;
        }
      },
    };
  }

  #reachable(machine: Machine, vm: string, who: string): Machine {
    const release = machine.release.bind(machine);
    let released: Promise<void> | undefined;
    const access: MachineAccess = {
      kind: 'direct',
      open: async () => new FakeChannel({ exclusive: false, seed: 0 }, (phase) => this.#play(phase)),
    };
    return Object.assign(machine, {
      access: async () => access,
      release: () => {
        released ??= release().finally(() => this.#close(who, machine.name.startsWith('vmtest-') ? '' : vm));
        return released;
      },
    });
  }

  #close(who: string, vm: string): void {
    this.#guard.closes(who);
    this.#guard.letGo(vm);
  }

  async #play(phase: string): Promise<number | undefined> {
    await gate(`the guest's ${phase}`);
    if (phase !== 'run') return undefined;
    const end = this.#request.ends[this.#ended++ % this.#request.ends.length];
    if (end === 'break') throw new VmtestError('GUEST_LOST', 'the connection was lost', { retryable: true });
    return end === 'pass' ? 0 : 1;
  }
}
