/**
 * What an engine with named VMs brings to `createVmDriver`: its command line, as verbs. A control has no policy: it does what it is told to the
 * VM it is told, and says what it found. Every verb gives its engine commands a deadline, obeys the signal, and throws
 * `VmtestError`s with the engine's own codes (`<ENGINE>_…`), made in the engine's `errors.ts`.
 */
import type { BaseTarget } from '../../matrix/model.ts';
import type { AccessKind, AgentLink } from '../../src/guest/channel.ts';
import type { Host, LeaseRecord } from '../../src/host/host.ts';
import type { Capabilities, DriverContext, Probe, TargetProblem } from '../driver.ts';

/**
 * `off`: nothing runs and nothing is saved. `saved`: nothing runs, and a start goes on where it was saved. `changing`: on its way
 * between two others; ask again. `broken`: the engine says that something has to be mended by hand.
 */
export type VmState = 'off' | 'running' | 'paused' | 'saved' | 'changing' | 'broken';

/** What names a VM to the engine's commands. */
export interface VmRef {
  /** Unique on this engine and stable when the VM is renamed: a UUID, or the path of its file. */
  id: string;
  /** As people call it. */
  name: string;
}

export interface VmSnapshot {
  /** What the engine's commands take; unique in its VM. */
  id: string;
  name: string;
  /** `base/updated/clean`: names from the root of the tree. People may write any end of it that is unique. */
  path: string;
  /** With memory: a restored VM goes on running where it was, instead of booting. */
  live: boolean;
  /** Anything that changes when a snapshot of the same name is made anew: its creation time, its id. */
  stamp: string;
}

export interface VmInfo extends VmRef {
  state: VmState;
  snapshots: VmSnapshot[];
  /** Bytes, and virtual processors. */
  memory: number;
  cpus: number;
  /** For people: the wrong state, tools that are not there. Empty for a VM that can be used. */
  problems: TargetProblem[];
}

/** A target, and whatever a verb needs besides its VM. */
export interface VmContext {
  host: Host;
  target: BaseTarget;
  signal: AbortSignal;
}

export interface AgentContext extends VmContext {
  /** A folder of the machine's own, removed with the lease: for what must not outlive a process that is killed. */
  folder: string;
}

export interface CloneRequest {
  snapshot: VmSnapshot;
  /** Unique on this host; holds the lease's id. */
  name: string;
  /** An empty folder for the clone's files, removed with the lease. */
  folder: string;
  /** Writes into the lease where else the clone will have files, before there are any: `remove` is told. Default: nowhere. */
  note(places: readonly string[]): Promise<void>;
}

export interface StartPlan {
  /** Where the log of a clone's serial console should be written, if the engine can. For a log, nobody's own VM is changed. */
  consoleLog?: string;
  /** A folder of the machine's own, removed with the lease: sockets, logs. */
  folder: string;
}

/** What was arranged for a start. */
export interface Arranged {
  /** The console's log is there. */
  consoleLog: boolean;
  /** A port of this host that leads to the guest's SSH port. */
  port?: { host: string; port: number };
}

export interface GuestAddress {
  host: string;
  port: number;
  /** No way in for a VM that runs on when this process has ended. */
  endsWithUs?: true;
}

export interface VmControl {
  readonly engine: string;
  readonly capabilities: Capabilities;
  /** The command's name, when its arguments tell which VM it is about. A dead run may have left one on its way. */
  readonly tool?: string;
  /** At most so many control commands of this process at a time; guests run side by side all the same. */
  readonly commandsAtOnce: number;
  /** Milliseconds between looks at the state of a VM that runs, for engines whose looks are dear. Default: 1.5 s. */
  readonly watchPause?: number;

  probe(context: DriverContext): Promise<Probe>;
  /** All VMs, for "did you mean". */
  list(context: VmContext): Promise<VmRef[]>;
  /** By id, name or path, as the target's `vm` says; undefined when there is none. */
  find(vm: string, context: VmContext): Promise<VmInfo | undefined>;
  /** Undefined when the VM is gone. */
  state(vm: VmRef, context: VmContext): Promise<VmState | undefined>;
  /**
   * For `snapshot: none`: the VM's disks as they are, as something to clone from. Undefined, or not there: such a target needs a
   * snapshot.
   */
  asItIs?(vm: VmInfo): VmSnapshot | undefined;
  /** Differs from start to start of a VM, so that a sweep spares a VM that a person has started since. */
  session?(vm: VmRef, context: VmContext): Promise<string | undefined>;
  /** Problems of a target beyond VM and snapshot: credentials that the agent needs, options that do not fit. */
  problems?(vm: VmInfo, context: VmContext): TargetProblem[] | Promise<TargetProblem[]>;
  /** Ways in that this VM offers, best first. */
  access(vm: VmInfo, target: BaseTarget): AccessKind[];
  /** Factor on deadlines: 1 with hardware acceleration. Default: 1. */
  slowdown?(vm: VmInfo, context: VmContext): number | Promise<number>;

  /** Why this snapshot can't be cloned, in words; undefined when it can. Without `clone`, never asked. */
  whyNoClone?(
    vm: VmInfo,
    snapshot: VmSnapshot,
    context: VmContext,
  ): string | undefined | Promise<string | undefined>;
  /**
   * What keeps this snapshot from being restored in the VM itself, where the engine knows it beforehand: later a person's VM may
   * have been powered off for nothing. Undefined, or not there: nothing that is known.
   */
  restoreProblem?(
    vm: VmInfo,
    snapshot: VmSnapshot,
    context: VmContext,
  ): TargetProblem | undefined | Promise<TargetProblem | undefined>;
  /** A linked clone, off or saved. Whoever calls has noted its name in the lease: `remove` finds a half-made one by it. */
  clone?(vm: VmInfo, request: CloneRequest, context: VmContext): Promise<VmRef>;
  /** Takes a clone away, by name, with its files, also those in the places that were noted. It does not run. Nothing there is no error. */
  remove?(name: string, context: VmContext, places: readonly string[]): Promise<void>;

  /** Puts a VM that does not run back to a snapshot: `off`, or `saved` for a live one. */
  restore(vm: VmRef, snapshot: VmSnapshot, context: VmContext): Promise<void>;
  /** Called between restore (or clone) and start: a port forward, a serial log. */
  arrange?(vm: VmRef, plan: StartPlan, context: VmContext): Promise<Arranged>;
  /** Without a window. Resolves when the engine says that it runs. */
  start(vm: VmRef, context: VmContext): Promise<void>;
  /** Asks the guest to power off; resolves at once. */
  shutdown(vm: VmRef, context: VmContext): Promise<void>;
  /** By force. Resolves when it is off and may be started, restored or removed again. Nothing running is no error. */
  powerOff(vm: VmRef, context: VmContext): Promise<void>;
  /**
   * One look for the guest's address, or for another that leads to its SSH port; undefined while it is not known.
   * @param onSilence told what the engine says instead, of a guest that is booting or of something that is wrong.
   */
  address?(
    vm: VmRef,
    context: VmContext,
    onSilence?: (words: string) => void,
  ): Promise<string | GuestAddress | undefined>;
  /** The engine's guest-exec. */
  agent?(vm: VmRef, context: AgentContext): Promise<AgentLink>;
  /** Writes a PNG. */
  screenshot?(vm: VmRef, path: string, context: VmContext): Promise<void>;
  /** Command lines with which a person gets at a VM that was kept, beyond SSH. */
  waysIn?(vm: VmRef, context: VmContext): string[];
  /** Another process or the engine itself holds the VM for a moment: the same command is tried again. */
  isBusy(error: unknown): boolean;
  /** Anything else that a lease of a dead run names; a line for each thing taken away. */
  sweep?(lease: LeaseRecord, context: DriverContext & { dryRun: boolean }): Promise<string[]>;
}
