/**
 * This host, as drivers and runs see it. One object is made per process (`createHost`) and handed down; tests hand down
 * one with its own folders and, in unit tests, another `exec`.
 */
import type { Exec, Spawn, ToldCommand } from './exec.ts';
import type { Paths } from './paths.ts';

export interface Host {
  /** Runs a command to its end. The only seam through which this program starts others, with `spawn`. */
  exec: Exec;
  /** Starts a command that lives on (an engine process). */
  spawn: Spawn;
  paths: Paths;
  locks: Locks;
  leases: Leases;
  /** Diagnostics for `--verbose` and bug reports; never needed to understand a result. */
  log(message: string): void;
  /** What a person should know, or do, although the work goes on: damaged files of ours. */
  warn(message: string): void;
  /**
   * Told of commands that ran, fit to be seen: without secrets and control characters. Of those of `exec` and `spawn` it is told
   * nothing by itself. @param cell the id of the cell that it ran for.
   */
  onCommand(command: ToldCommand, cell?: string): void;
}

/**
 * Locks between processes of one host, by name. A lock whose owner is dead is taken over. Not re-entrant.
 * Throws `LOCK_DAMAGED` for one of which nobody can tell who has it, `FILE_NOT_WRITTEN` where nothing can be written.
 */
export interface Locks {
  /** Waits until it has the lock. `onWait` is told once who holds it. */
  acquire(name: string, options: { signal: AbortSignal; onWait?: (holder: string) => void }): Promise<Unlock>;
  /** The lock, or undefined when somebody alive has it. */
  tryAcquire(name: string): Promise<Unlock | undefined>;
  /**
   * Frees the locks of dead owners, which whoever wants one would take over anyway: it leaves less behind.
   * @returns a line for each; with `dryRun` it only says.
   */
  sweep(dryRun: boolean): Promise<string[]>;
}

/** Gives a lock back. Idempotent. */
export type Unlock = () => Promise<void>;

/** Tells one process apart from all others that ever had its id. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own terms; absent where the system does not tell. */
  start?: string;
  /** Names the boot (and so the machine) that `pid` and `start` belong to. */
  boot: string;
}

/** The on-disk record that a run owns a machine. Written before the machine exists, removed after it is gone. */
export interface LeaseRecord {
  version: 1;
  /** Eight characters `[a-z0-9]`; part of every name and folder that the machine has. */
  id: string;
  run: string;
  owner: ProcessIdentity;
  engine: string;
  target: string;
  cell?: string;
  /** Which try at the cell, from 1. */
  attempt?: number;
  created: string;
  /** Absolute. Files of the machine that die with it: overlay, sockets. Removed with the lease. */
  folder: string;
  /** What the driver needs for its sweep. */
  facts: Record<string, unknown>;
  /** Set when a person asked to keep the machine: only `clean` takes it away then. */
  kept?: { reason: string; access: string[] };
}

export interface Lease {
  readonly record: Readonly<LeaseRecord>;
  /** Merges facts into the record and has them on disk when it resolves. Call before making the thing. */
  note(facts: Record<string, unknown>): Promise<void>;
  keep(kept: { reason: string; access: string[] }): Promise<void>;
  /** Removes folder and record. The machine must be gone. */
  end(): Promise<void>;
}

export interface Leases {
  /** Writes the record and makes the folder (mode 0700). */
  begin(lease: Pick<LeaseRecord, 'run' | 'engine' | 'target' | 'cell' | 'attempt'>): Promise<Lease>;
  /**
   * All records on disk, with the state of their owners. Damaged ones are set aside; of those, and of records that cannot be
   * read, `unreadable` tells in one sentence each what a person can do.
   */
  list(): Promise<{ leases: ListedLease[]; unreadable: string[] }>;
  /** Adds facts to the record of a dead run, for whoever sweeps it next. */
  amend(record: LeaseRecord, facts: Readonly<Record<string, unknown>>): Promise<void>;
  /** Removes a dead or kept record and its folder after its sweep. */
  forget(record: LeaseRecord): Promise<void>;
}

export interface ListedLease {
  record: LeaseRecord;
  /** `alive`: its run goes on. `dead`: sweep it. `foreign`: made on another host or before a reboot of unknown kind. */
  owner: 'alive' | 'dead' | 'foreign';
}
