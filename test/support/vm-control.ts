/**
 * An engine with named VMs that lives in memory, for tests of `drivers/vm/`. It refuses what a real one refuses (a restore
 * while running, a second start, a clone's name that is taken, the removal of what runs), and writes down what it was asked.
 */
import type { VmContext, VmControl, VmInfo, VmRef, VmSnapshot, VmState } from '../../drivers/vm/control.ts';
import { VmtestError } from '../../src/host/errors.ts';

/** Where clones have their files: the place that each notes. */
export const SHELF = 'shelf';

/** What changes something. */
export const CHANGES = ['clone', 'remove', 'restore', 'arrange', 'start', 'shutdown', 'powerOff'] as const;
const LOOKS = ['list', 'find', 'state', 'session', 'address'] as const;
export type Verb = (typeof CHANGES)[number] | (typeof LOOKS)[number];

export interface Call {
  verb: Verb;
  /** The VM's name. */
  vm: string;
  /** `midway`: a power-off has made a saved or paused VM run. `after`: it was done, and yet the verb may fail. */
  stage: 'before' | 'midway' | 'after';
}

export interface MemoryVm extends VmInfo {
  isClone: boolean;
  /** Counts its starts. */
  session: number;
  /** What its disks hold: the stamp of the snapshot that it came from last, or `own work`. */
  content: string;
}

/** Verbs to have besides, or instead; an undefined one is not there at all. */
export type ControlChanges = { [Key in keyof VmControl]?: VmControl[Key] | undefined };

export class MemoryEngine {
  readonly vms: MemoryVm[] = [];
  /** Names of clones whose files are there, also of those that were never finished. */
  readonly files = new Set<string>();
  /** `start debian`, in order; looks are not among them. */
  readonly changes: string[] = [];
  /** Told of every call; what it throws, the verb throws. */
  onCall: (call: Call, context: VmContext) => void | Promise<void> = () => {};
  /** Whether a guest obeys when it is asked to shut down. */
  obedient = true;
  /** Reasons against cloning, by the snapshot's name. */
  readonly whyNoClone = new Map<string, string>();
  readonly addresses = new Map<string, string>();

  add(name: string, more: Partial<MemoryVm> = {}): MemoryVm {
    const vm: MemoryVm = {
      id: `id-of-${name}`,
      name,
      state: 'off',
      snapshots: [snapshotOf('clean')],
      memory: 512 * 1024 ** 2,
      cpus: 2,
      problems: [],
      isClone: false,
      session: 0,
      content: 'own work',
      ...more,
    };
    this.vms.push(vm);
    return vm;
  }

  /** As a person would, behind the back of a run. */
  startByHand(vm: MemoryVm): void {
    Object.assign(vm, { state: 'running', session: vm.session + 1, content: 'own work' });
  }

  /** What runs have made. */
  leftovers(): string[] {
    return [...this.vms.filter(({ isClone }) => isClone).map(({ name }) => name), ...this.files];
  }

  control(more: ControlChanges = {}): VmControl {
    const all: VmControl = {
      engine: 'memory',
      capabilities: {
        liveSnapshot: true,
        linkedClone: true,
        parallel: true,
        agent: false,
        console: false,
        screenshot: false,
        portForward: false,
      },
      commandsAtOnce: 4,
      probe: async () => ({ available: true, findings: [], fixes: [] }),
      access: () => ['ssh'],
      isBusy: (error) => error instanceof VmtestError && error.code === 'MEMORY_BUSY',
      asItIs: ({ id }) => ({ id: '', name: 'none', path: 'none', live: false, stamp: `none:${id}` }),
      whyNoClone: (_vm, { name }) => this.whyNoClone.get(name),
      list: (context) => this.#do('list', '', context, () => this.vms.map(({ id, name }) => ({ id, name }))),
      find: (wanted, context) => this.#do('find', wanted, context, () => this.#info(wanted)),
      state: (vm, context) => this.#do('state', vm.name, context, () => this.#get(vm)?.state),
      session: (vm, context) =>
        this.#do('session', vm.name, context, () => String(this.#get(vm)?.session ?? '')),
      address: (vm, context) => this.#do('address', vm.name, context, () => this.addresses.get(vm.name)),
      clone: async (vm, { name, snapshot, note }, context) => {
        await note([SHELF]);
        if (this.files.has(name)) throw refused(`the clone ${name} is there already`);
        this.files.add(name);
        return this.#do('clone', vm.name, context, () => this.#clone(this.#need(vm), name, snapshot));
      },
      remove: (name, context, places) => this.#do('remove', name, context, () => this.#remove(name, places)),
      restore: (vm, snapshot, context) =>
        this.#do('restore', vm.name, context, () => restore(this.#need(vm), snapshot)),
      arrange: (vm, _plan, context) => this.#do('arrange', vm.name, context, () => ({ consoleLog: true })),
      start: (vm, context) => this.#do('start', vm.name, context, () => start(this.#need(vm))),
      shutdown: (vm, context) => this.#do('shutdown', vm.name, context, () => this.#shutdown(this.#need(vm))),
      powerOff: (vm, context) =>
        this.#do('powerOff', vm.name, context, () => this.#powerOff(this.#get(vm), context)),
    };
    const wanted = Object.entries({ ...all, ...more }).filter(([, verb]) => verb !== undefined);
    return Object.fromEntries(wanted) as unknown as VmControl;
  }

  async #do<T>(verb: Verb, vm: string, context: VmContext, work: () => T | Promise<T>): Promise<T> {
    context.signal.throwIfAborted();
    if ((CHANGES as readonly string[]).includes(verb)) this.changes.push(`${verb} ${vm}`);
    await this.onCall({ verb, vm, stage: 'before' }, context);
    context.signal.throwIfAborted();
    const result = await work();
    await this.onCall({ verb, vm, stage: 'after' }, context);
    return result;
  }

  #get({ id }: VmRef): MemoryVm | undefined {
    return this.vms.find((vm) => vm.id === id);
  }

  #need(vm: VmRef): MemoryVm {
    const found = this.#get(vm);
    if (!found) throw refused(`there is no VM ${vm.name}`);
    return found;
  }

  #info(wanted: string): VmInfo | undefined {
    const found = this.vms.find(({ id, name }) => id === wanted || name === wanted);
    return found && { ...found };
  }

  #clone(vm: MemoryVm, name: string, { stamp, live }: VmSnapshot): VmRef {
    // As those of real engines, it has nothing of the name in it.
    const id = [...name].toReversed().join('');
    this.add(name, { ...vm, id, name, isClone: true, content: stamp });
    this.#need({ id, name }).state = live ? 'saved' : 'off';
    return { id, name };
  }

  #remove(name: string, places: readonly string[]): void {
    const index = this.vms.findIndex((vm) => vm.name === name);
    const vm = this.vms[index];
    if (vm && vm.state !== 'off' && vm.state !== 'saved') throw refused(`${name} is ${vm.state}`);
    if (vm && !vm.isClone) throw refused(`${name} belongs to a person`);
    if (vm) this.vms.splice(index, 1);
    // As an engine that has to be told where to look.
    if (places.includes(SHELF)) this.files.delete(name);
  }

  /** As Parallels and VMware do it: what a VM holds is dropped by running it. */
  async #powerOff(vm: MemoryVm | undefined, context: VmContext): Promise<void> {
    if (!vm) return;
    if (vm.state === 'saved' || vm.state === 'paused') {
      Object.assign(vm, { state: 'running', session: vm.session + 1 });
      await this.onCall({ verb: 'powerOff', vm: vm.name, stage: 'midway' }, context);
      context.signal.throwIfAborted();
    }
    vm.state = 'off';
  }

  #shutdown(vm: MemoryVm): void {
    if (vm.state !== 'running') throw refused(`${vm.name} is ${vm.state}`);
    if (this.obedient) vm.state = 'off';
  }
}

export function snapshotOf(path: string, more: Partial<VmSnapshot> = {}): VmSnapshot {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { id: `id-of-${path}`, name, path, live: false, stamp: `${path}@1`, ...more };
}

export function busy(): VmtestError {
  return new VmtestError('MEMORY_BUSY', 'another session holds the VM');
}

function restore(vm: MemoryVm, { stamp, live }: VmSnapshot): void {
  if (vm.state !== 'off') throw refused(`${vm.name} is ${vm.state}`);
  Object.assign(vm, { content: stamp, state: (live ? 'saved' : 'off') satisfies VmState });
}

function start(vm: MemoryVm): void {
  if (vm.state !== 'off' && vm.state !== 'saved') throw refused(`${vm.name} is ${vm.state}`);
  Object.assign(vm, { state: 'running', session: vm.session + 1 });
}

function refused(why: string): VmtestError {
  return new VmtestError('MEMORY_REFUSED', why);
}
