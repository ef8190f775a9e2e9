/**
 * The driver contract: one engine behind a small surface. Written as behaviour, since six vendors must fit it.
 *
 * Order. `probe` → `check` (once a target) → `prepare` (once a target, before its first cell) → per cell
 * `open` → `start` → `access`… → `stop` → `release`. `sweep` may come at any time for leases of dead runs.
 *
 * Concurrency. Every method may be called for several targets and machines at once. A driver whose control plane is
 * not safe for that serialises its own calls; guests still run side by side. Two vmtest processes may use one engine at
 * the same time: what they share (a VM, a template build) is guarded by `host.locks`.
 *
 * Deadlines. The caller passes a signal that carries the phase's deadline. A driver gives every engine command and
 * every wait of its own a deadline too, and aborts promptly.
 *
 * Errors. Thrown as `VmtestError` with a stable code, marked retryable or not by the driver. Vendor text is parsed in
 * one file of the driver and never matched outside it.
 */

import type { BaseTarget } from '../matrix/model.ts';
import type { Access, AccessKind, GuestChannel } from '../src/guest/channel.ts';
import type { Host, Lease, LeaseRecord } from '../src/host/host.ts';

export type { Access, AccessKind } from '../src/guest/channel.ts';

/** A way into a machine; `direct` is for engines whose driver brings a channel of its own. */
export type MachineAccess = Access | DirectAccess;

export interface DirectAccess {
  kind: 'direct';
  /** @param onAttempt told of every failed try, for deadlines that must say what they waited for. */
  open(signal: AbortSignal, onAttempt?: (reason: string) => void): Promise<GuestChannel>;
}

/** Plain data: printed by `doctor`, tabulated in the README, acted on by the run. Each line says what follows from it. */
export interface Capabilities {
  /** Cells start from a running state: no boot in each cell, and the clock must be set. */
  liveSnapshot: boolean;
  /** Cells of one VM can run side by side, each on a cheap copy. Without it they run one after another under a lock. */
  linkedClone: boolean;
  /** Machines of this engine may run at the same time at all. */
  parallel: boolean;
  /** `access('agent')` works where the guest has the engine's tools: no network needed. */
  agent: boolean;
  /** The serial console is logged to a file. */
  console: boolean;
  /** `screenshot` works. */
  screenshot: boolean;
  /** The engine forwards a host port to the guest: `access('ssh')` needs no address of the guest. */
  portForward: boolean;
}

/** What `probe` found out about the engine on this host. Never throws for an engine that is absent. */
export interface Probe {
  available: boolean;
  version?: string;
  /** `kvm`, `hvf`, `whpx`, `tcg`, or what the vendor calls it. */
  acceleration?: string;
  /** One line a finding, good or bad: paths, licence, why acceleration is missing. */
  findings: string[];
  /** What to do when not available (or not well): commands, one a line. */
  fixes: string[];
}

/** A problem of a target on this host; all are collected before any cell starts. */
export interface TargetProblem {
  code: string;
  message: string;
  hint?: string;
}

/** What `check` says about a target. The facts are only meaningful without problems. */
export interface Check {
  problems: TargetProblem[];
  /** What one machine takes from the host while it runs: bytes include the engine's own overhead. */
  demand: { cpus: number; memory: number };
  /** Host-wide name of something that only one cell may use at a time (a VM that cannot be cloned), or null. */
  exclusive: string | null;
  /** How cells get their clean state, in words for people: `live template`, `disk overlay, cold boot (…why…)`. */
  cleanState: string;
  /** True when `prepare` would have long work to do now (a template to build). */
  needsPrepare: boolean;
  /** Ways in that the engine offers for this target, best first. */
  access: AccessKind[];
  /** Factor on the deadlines of our own phases: 1 with hardware acceleration, more under emulation. */
  slowdown: number;
  /** For people, said once a run: the acceleration chosen and why. */
  notes: string[];
}

export interface DriverContext {
  host: Host;
  signal: AbortSignal;
}

export interface PrepareContext extends DriverContext {
  lease: Lease;
  /** Progress of long steps: in words, and how far the step has come where it can be counted in bytes. */
  progress(message: string, bytes?: { done: number; total?: number }): void;
  /**
   * Called by the driver with a booted machine that is to become the clean state: connects by every way in, waits
   * until the guest has settled, and answers with facts (the host key) to be stored with the state.
   */
  settle(machine: Machine): Promise<CleanFacts>;
}

export interface OpenContext extends DriverContext {
  /** On disk already. The driver records into it whatever `sweep` will need *before* it makes that thing. */
  lease: Lease;
  /**
   * For waits until others are done with a VM: they may take as long as those others, so they are no part of the phase's time,
   * and people are told why. Default: the wait is like all other work.
   */
  queue?<T>(wait: (tell: (why: string) => void) => Promise<T>): Promise<T>;
  /** Host folder for the files of this machine's cell that outlive it: console log, screenshot. */
  logs: string;
}

/** What was learnt when the clean state was made, stored with it. */
export interface CleanFacts {
  hostKey?: string;
  /** The ways in that answered, best first. */
  channels?: AccessKind[];
  /** What each of them learnt about the guest (`GuestChannel.memory`). */
  memory?: Partial<Record<AccessKind, string>>;
}

export interface Driver {
  readonly engine: string;
  readonly capabilities: Capabilities;
  /** Is the engine here, and how well? Quick (≤ 2 s), changes nothing. */
  probe(context: DriverContext): Promise<Probe>;
  /** Everything that can be known before starting: files, VM, snapshot, options, credentials. Changes nothing. */
  check(target: BaseTarget, context: DriverContext): Promise<Check>;
  /**
   * Makes the target's clean state if it is not there. Idempotent; blocks while another process builds the same one;
   * publishes by rename. `lease` covers what the build makes.
   */
  prepare(target: BaseTarget, context: PrepareContext): Promise<void>;
  /** The restore phase: a machine of its own in the clean state, CPUs not running yet. */
  open(target: BaseTarget, context: OpenContext): Promise<Machine>;
  /**
   * Takes away whatever a dead run's lease names: processes, disks, clones, ports. Idempotent, touches nothing else.
   * Answers with one line for each thing it removed. With `dryRun` it only says.
   */
  sweep(lease: LeaseRecord, context: DriverContext & { dryRun: boolean }): Promise<string[]>;
}

export interface Machine {
  /** Readable ownership: carries the lease's id. */
  readonly name: string;
  /**
   * Stored facts of the clean state, and its identity: changes whenever the state is made anew, and is empty while it is
   * being made, when there is nothing yet to hold a guest to.
   */
  readonly clean: { identity: string; facts: CleanFacts };
  /** The boot phase: CPUs run when it resolves. For a cold boot that is power-on, not a login. */
  start(signal: AbortSignal): Promise<void>;
  /**
   * A way into the guest. May wait (for an address) as long as the signal lets it.
   * @param onAttempt told of every failed look, for deadlines that must say what they waited for.
   */
  access(kind: AccessKind, signal: AbortSignal, onAttempt?: (reason: string) => void): Promise<MachineAccess>;
  /** Resolves when the machine ends by itself (power-off, crash, killed) with why, in words. Never rejects. */
  readonly died: Promise<string>;
  /**
   * Calls back when the guest restarts from now on: whoever had logged in is not any more. Absent where the engine tells
   * nobody; it is noticed later then, by the guest's not answering.
   */
  onRestart?(listener: () => void): void;
  /** The console's log on the host, when the engine keeps one. It may grow. */
  readonly consoleLog?: string;
  /** Writes a PNG. Throws where there is no screen. */
  screenshot(path: string, signal: AbortSignal): Promise<void>;
  /** Powers off: asks the guest for at most `graceMs` (0 = at once), then by force. Idempotent. */
  stop(graceMs: number): Promise<void>;
  /** After stop (or instead of it, by force): everything of this machine is gone. Idempotent, tries its best, throws last. */
  release(): Promise<void>;
  /** Lets it run on after this process ends (`--keep`). Answers how a person gets in, one line each. */
  keep(): Promise<string[]>;
}
