/** Watches an engine in memory for what must never happen, step by step. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VmContext } from '../../../drivers/vm/control.ts';
import { VmtestError } from '../../../src/host/errors.ts';
import type { LeaseRecord } from '../../../src/host/host.ts';
import { busy, type Call, CHANGES, type MemoryEngine } from '../vm-control.ts';
import { currentProcess, gate, type SimulatedProcess } from './process.ts';

export class Guard {
  readonly #engine: MemoryEngine;
  readonly #state: string;
  readonly #processes: () => SimulatedProcess[];
  /** VMs of people → the process whose cell has it. */
  readonly #users = new Map<string, SimulatedProcess>();
  readonly #broken: string[] = [];
  /** Attempts of a process that have machines, or are about to. */
  readonly #machines = new Map<SimulatedProcess, Set<string>>();

  constructor(engine: MemoryEngine, state: string, processes: () => SimulatedProcess[]) {
    this.#engine = engine;
    this.#state = state;
    this.#processes = processes;
  }

  /** A verb of the engine: waits its turn, is allowed or not, and may fail, before or after it has been done. */
  async call({ verb, vm, stage }: Call, context: VmContext, trouble: () => boolean): Promise<void> {
    await gate(`${verb} ${vm} (${stage})`);
    const changes = (CHANGES as readonly string[]).includes(verb);
    if (stage === 'before' && changes && verb !== 'clone') this.#claim(verb, vm);
    if (trouble())
      throw trouble() ? busy() : new VmtestError('MEMORY_BROKE', `${verb} ${vm} broke`, { retryable: true });
    context.signal.throwIfAborted();
  }

  opens(attempt: string, jobs: number): void {
    const { size } = this.#machinesOf(currentProcess()).add(attempt);
    if (size > jobs)
      this.#broken.push(`${currentProcess()?.name} has ${size} machines, and may have ${jobs}`);
  }

  /** Its machine is gone, or the run has told that it could not take it away in time. */
  closes(attempt: string): void {
    this.#machinesOf(currentProcess()).delete(attempt);
  }

  /** The cell has nothing to do with the VM any more. */
  letGo(vm: string): void {
    if (this.#users.get(vm) === currentProcess()) this.#users.delete(vm);
  }

  died(process: SimulatedProcess): void {
    for (const [vm, user] of this.#users) if (user === process) this.#users.delete(vm);
  }

  leasesOf({ identity }: SimulatedProcess): string[] {
    const records = [...this.#records().values()];
    return records.filter(({ owner }) => owner.pid === identity.pid).map(({ id }) => id);
  }

  /** Whatever there is, a lease tells of it. */
  check(): void {
    const [first] = this.#broken;
    if (first !== undefined) throw new Error(first);
    const records = this.#records();
    for (const id of namesIn(join(this.#state, 'machines'))) {
      if (!records.has(id)) throw new Error(`the folder of ${id} has no lease`);
    }
    const claimed = [...records.values()];
    for (const name of this.#engine.leftovers()) {
      if (!claimed.some(({ facts }) => facts['clone'] === name)) throw new Error(`${name} has no lease`);
    }
    for (const { id, name, isClone, state } of this.#engine.vms) {
      if (isClone || state === 'off') continue;
      const ours = claimed.some(
        ({ facts }) => (facts['vm'] as { id?: string } | undefined)?.id === id && facts['restored'] === true,
      );
      if (!ours) throw new Error(`${name} is ${state} without a lease`);
    }
  }

  #machinesOf(process = currentProcess() as SimulatedProcess): Set<string> {
    const machines = this.#machines.get(process) ?? new Set();
    this.#machines.set(process, machines);
    return machines;
  }

  /** Notes what the process has no right to do. */
  #claim(verb: string, vm: string): void {
    const actor = currentProcess() as SimulatedProcess;
    if (vm.startsWith('vmtest-')) {
      const record = this.#records().get(vm.slice('vmtest-'.length));
      const owner = this.#processes().find(({ identity }) => identity.pid === record?.owner.pid);
      if (owner === undefined) this.#broken.push(`${actor.name}: ${verb} ${vm}, which has no lease`);
      else if (owner !== actor && owner.isAlive)
        this.#broken.push(`${actor.name}: ${verb} ${vm} of ${owner.name}`);
      return;
    }
    const user = this.#users.get(vm);
    if (user && user !== actor && user.isAlive)
      this.#broken.push(`${actor.name}: ${verb} ${vm} of ${user.name}`);
    this.#users.set(vm, actor);
  }

  #records(): Map<string, LeaseRecord> {
    const folder = join(this.#state, 'leases');
    const names = namesIn(folder).filter((name) => name.endsWith('.json'));
    return new Map(
      names.map((name) => [
        name.slice(0, -'.json'.length),
        JSON.parse(readFileSync(join(folder, name), 'utf8')) as LeaseRecord,
      ]),
    );
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
