/** The registry of the stand-in: machines, their snapshots and media, in one file that its processes share. */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isRunning, STATE_VARIABLE } from '../machine/backing.ts';
import { readState, withState } from '../machine/store.ts';
import { comFailure, where } from './failure.ts';

export interface Nic {
  kind: string;
  mac: string;
  /** As they are written: `name,tcp,host,port,guest,port`. */
  rules: string[];
}

export interface Controller {
  name: string;
  ports: number;
  /** Medium by port. */
  media: Record<string, string>;
}

/** What a snapshot keeps and a restore brings back. */
export interface Hardware {
  memory: number;
  cpus: number;
  description?: string;
  /** By slot, from 1. */
  nics: Record<string, Nic>;
  uart?: { address: string; irq: string; mode: string };
  controllers: Controller[];
}

export interface Snapshot {
  uuid: string;
  name: string;
  description?: string;
  parent?: string;
  time: string;
  hardware: Hardware;
  stateFile?: string;
  /** Of a guest that ran; `adoptstate` takes any file. */
  hasMemory?: true;
}

export type MachineState = 'poweroff' | 'saved' | 'starting' | 'running' | 'aborted';

export interface Machine {
  uuid: string;
  name: string;
  ostype: string;
  folder: string;
  settings: string;
  state: MachineState;
  since: string;
  stateFile?: string;
  hardware: Hardware;
  snapshots: Snapshot[];
  current?: string;
  properties: Record<string, { value: string; time: string }>;
  backing: string;
  /** The loopback address of a guest that is not behind NAT. */
  address: string;
  /** Milliseconds since the epoch: so long its lock lingers after its end. */
  lockedUntil?: number;
  /** When it was started, milliseconds since the epoch. */
  started?: number;
}

export interface Medium {
  uuid: string;
  path: string;
  parent?: string;
}

export interface Registry {
  machines?: Machine[];
  media?: Medium[];
  commands?: number;
}

/** How long the lock lingers with the fault `linger`. Milliseconds. */
const LINGER_MS = 1_500;

export function stateFolder(): string {
  const folder = process.env[STATE_VARIABLE];
  if (folder === undefined) throw new Error(`${STATE_VARIABLE} is not set`);
  return folder;
}

export function hasFault(name: string): boolean {
  return (process.env['VMTEST_STANDIN_FAULTS'] ?? '').split(',').includes(name);
}

const file = () => join(stateFolder(), 'vbox.json');

/** Runs work on the registry as it is now; what has ended by itself is seen first. */
export function changing<T>(work: (registry: Required<Registry>) => T | Promise<T>): Promise<T> {
  return withState<Registry, T>(file(), async (kept) => {
    const registry = whole(kept);
    await noticeEnds(registry);
    return work(registry);
  });
}

export async function looking(): Promise<Required<Registry>> {
  const registry = whole(await readState<Registry>(file()));
  await noticeEnds(registry);
  return registry;
}

function whole(registry: Registry): Required<Registry> {
  registry.machines ??= [];
  registry.media ??= [];
  registry.commands ??= 0;
  return registry as Required<Registry>;
}

async function noticeEnds({ machines }: Required<Registry>): Promise<void> {
  for (const machine of machines) {
    if (machine.state === 'running' && !(await isRunning({ folder: machine.backing }))) ended(machine);
  }
}

/** The machine is off now; its lock goes a moment later. */
export function ended(machine: Machine): void {
  machine.state = 'poweroff';
  machine.since = now();
  if (hasFault('linger')) machine.lockedUntil = Date.now() + LINGER_MS;
}

export function isLocked(machine: Machine): boolean {
  return (
    machine.state === 'running' ||
    machine.state === 'starting' ||
    (machine.lockedUntil !== undefined && Date.now() < machine.lockedUntil)
  );
}

/** @throws Failure as LockMachine of a machine that somebody else has for writing. */
export function lockForWriting(machine: Machine): void {
  if (!isLocked(machine)) return;
  const text = `The machine '${machine.name}' is already locked by a session (or being locked or unlocked)`;
  throw comFailure(text, 'VBOX_E_INVALID_OBJECT_STATE', where.MACHINE);
}

/** Commands for snapshots share the lock of a running machine, but not of one whose session is just ending. */
export function lockShared(machine: Machine): void {
  if (machine.state !== 'running') lockForWriting(machine);
}

/** By name, id, or path of its settings. @throws Failure */
export function findMachine({ machines }: Required<Registry>, wanted: string): Machine {
  const id = idIn(wanted);
  const found = machines.find(({ uuid, name, settings }) =>
    id === undefined ? name === wanted || settings === wanted : uuid === id,
  );
  if (found) return found;
  const what = id === undefined ? `named '${wanted}'` : `with UUID {${id}}`;
  throw comFailure(
    `Could not find a registered machine ${what}`,
    'VBOX_E_OBJECT_NOT_FOUND',
    where.VIRTUALBOX,
  );
}

/** @param at who looks: a session, or the machine itself */
export function findSnapshot(machine: Machine, wanted: string, at = where.SESSION): Snapshot {
  if (machine.snapshots.length === 0) {
    throw comFailure('This machine does not have any snapshots', 'VBOX_E_OBJECT_NOT_FOUND', at);
  }
  const id = idIn(wanted);
  const found = inTreeOrder(machine).find(({ uuid, name }) =>
    id === undefined ? name === wanted : uuid === id,
  );
  if (found) return found;
  // The real one has another code for an unknown id.
  throw id === undefined
    ? comFailure(`Could not find a snapshot named '${wanted}'`, 'VBOX_E_OBJECT_NOT_FOUND', at)
    : comFailure(`Could not find a snapshot with UUID {${id}}`, 'NS_ERROR_FAILURE', at);
}

/** Parents before their children, and a branch to its end before the next. */
export function inTreeOrder({ snapshots }: Machine, parent?: string): Snapshot[] {
  return snapshots
    .filter((snapshot) => snapshot.parent === parent)
    .flatMap((snapshot) => [snapshot, ...inTreeOrder({ snapshots } as Machine, snapshot.uuid)]);
}

function idIn(text: string): string | undefined {
  const match = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(text);
  return match?.[1]?.toLowerCase();
}

export function now(): string {
  return `${new Date().toISOString().slice(0, -1)}000000`;
}

/** A new machine's parts that nobody chooses. Paths are short: those of sockets may have some 100 bytes. */
export function newIdentity(): Pick<Machine, 'uuid' | 'backing' | 'address'> {
  const [a = 0, b = 0, c = 0, d = 0] = randomBytes(4);
  const key = Buffer.from([a, b, c, d]).toString('hex');
  const address = `127.${64 + (a % 128)}.${b}.${2 + (c % 250)}`;
  return { uuid: randomUUID(), backing: join(stateFolder(), 'm', key), address };
}

export function newMac(): string {
  return `080027${randomBytes(3).toString('hex').toUpperCase()}`;
}
