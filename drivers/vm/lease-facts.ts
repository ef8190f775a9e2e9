/** What a lease says about a VM, for the sweep of a dead run. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { LeaseRecord } from '../../src/host/host.ts';
import type { VmRef } from './control.ts';

export interface VmFacts {
  /** As the matrix file has it, but for what must not lie on a disk. */
  options: Readonly<Record<string, unknown>>;
  /** The VM of the matrix file. */
  vm: VmRef;
  /** The name of our clone. */
  clone?: string;
  /** Where it has files that only its engine gets at, as `CloneRequest.note` was told. */
  places: readonly string[];
  /** The VM itself is being restored, or was. Without it and a clone, the cell only waited for its turn. */
  restored?: true;
  /** To a snapshot with memory, which leaves it saved or paused until it is started. */
  live?: true;
  /** Its start was ours, or was about to be. */
  starting?: true;
  /** Of the start that was ours. */
  session?: string;
}

/**
 * Noted before a VM of a person's is powered off (Parallels and VMware have to start one that is saved, to drop what it holds), and
 * before it is given back started again. Who dies in between has left it on, at a start that no lease tells of: whatever is on is that
 * lease's then.
 */
export const ENDING = { restored: true, starting: true, session: null } as const;

/** Noted when somebody else has the VM by now: whatever is on is theirs. */
export const OVER = { restored: null, starting: null, session: null } as const;

/** Undefined for a lease that never came as far; a record may be damaged. */
export function factsOf({ facts }: LeaseRecord): VmFacts | undefined {
  const { vm, clone, places, restored, live, starting, session, options } = facts as Partial<VmFacts>;
  if (typeof vm?.id !== 'string' || typeof vm.name !== 'string') return undefined;
  return {
    vm,
    options: typeof options === 'object' && options !== null ? options : {},
    ...(typeof clone === 'string' ? { clone } : {}),
    places: Array.isArray(places) ? places.filter((place) => typeof place === 'string') : [],
    ...(restored === true ? { restored } : {}),
    ...(live === true ? { live } : {}),
    ...(starting === true ? { starting } : {}),
    ...(typeof session === 'string' ? { session } : {}),
  };
}

/** Enough of a target for an engine's commands. */
export function targetFor({ engine, target }: LeaseRecord, { options }: VmFacts): BaseTarget {
  return {
    name: target,
    engines: [engine],
    snapshot: 'none',
    os: 'other',
    guest: { user: '', sshAgent: false, channel: 'auto', port: 22, hostKey: 'pin' },
    cpus: 1,
    timeouts: {},
    options,
  };
}
