/** Cells on the VMs of a `MemoryEngine`, as a run would have them: leases and locks on the disk, in a scratch folder. */
import { join } from 'node:path';
import type { Driver, Machine, OpenContext } from '../../drivers/driver.ts';
import { createVmDriver } from '../../drivers/vm/create-driver.ts';
import type { BaseTarget } from '../../matrix/model.ts';
import { createHost } from '../../src/host/create-host.ts';
import type { Host, Lease, LeaseRecord } from '../../src/host/host.ts';
import { ownIdentity } from '../../src/host/process-identity.ts';
import { scratchFolder } from './scratch.ts';
import { targetOf } from './targets.ts';
import { type ControlChanges, MemoryEngine } from './vm-control.ts';

export const never = new AbortController().signal;

export class VmCells {
  readonly engine = new MemoryEngine();
  readonly host: Host;
  readonly driver: Driver;
  readonly logged: string[] = [];
  readonly #folder: string;

  constructor(folder: string, control: ControlChanges = {}) {
    this.#folder = folder;
    this.host = createHost({
      paths: { state: join(folder, 'state'), cache: join(folder, 'cache') },
      log: (message) => this.logged.push(message),
      onCommand: () => {},
    });
    this.driver = createVmDriver(this.engine.control(control));
  }

  async begin(): Promise<Lease> {
    return this.host.leases.begin({ run: 'r', engine: 'memory', target: 't' });
  }

  async open(
    target: BaseTarget,
    context: Partial<OpenContext> = {},
  ): Promise<{ machine: Machine; lease: Lease }> {
    const lease = context.lease ?? (await this.begin());
    const logs = join(this.#folder, 'logs');
    const machine = await this.driver.open(target, {
      host: this.host,
      signal: never,
      logs,
      ...context,
      lease,
    });
    return { machine, lease };
  }

  check(target: BaseTarget) {
    return this.driver.check(target, { host: this.host, signal: never });
  }

  sweep(record: LeaseRecord, dryRun = false): Promise<string[]> {
    return this.driver.sweep(record, { host: this.host, signal: never, dryRun });
  }

  /** Whether nobody has the VM's lock. */
  async isFree(vm: { id: string }): Promise<boolean> {
    const unlock = await this.host.locks.tryAcquire(`memory-vm-${vm.id}`);
    await unlock?.();
    return unlock !== undefined;
  }
}

export async function vmCells(control?: ControlChanges): Promise<VmCells> {
  return new VmCells(await scratchFolder(), control);
}

export function vmTarget(
  options: Record<string, unknown> = {},
  more: Parameters<typeof targetOf>[2] = {},
): BaseTarget {
  return targetOf('memory', { vm: 'debian', clone: 'auto', 'if-running': 'fail', ...options }, more);
}

/** As if the run that has the lease had been killed. */
export async function orphan(lease: Lease): Promise<LeaseRecord> {
  const record = lease.record as LeaseRecord;
  record.owner = { ...ownIdentity(), start: 'long ago' };
  await lease.note({});
  return record;
}
