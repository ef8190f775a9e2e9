/** `src/host/process-identity.ts` for simulated processes: who is alive is what the simulation says. */
import type { ProcessIdentity } from '../../../src/host/host.ts';
import type { Liveness } from '../../../src/host/process-identity.ts';
import { currentProcess, type SimulatedProcess } from './process.ts';

export type { Liveness };

const all = new Map<number, SimulatedProcess>();

/** Makes a process known. Ids are never used twice. */
export function register(process: SimulatedProcess): void {
  all.set(process.identity.pid, process);
}

export function ownIdentity(): ProcessIdentity {
  const process = currentProcess();
  if (!process) throw new Error('nobody has an identity outside of the simulation');
  return process.identity;
}

export function tagOf({ pid, boot }: ProcessIdentity): string {
  return `${pid}@${boot.split('|')[0]}`;
}

export function readTag(tag: string): { pid: number; liveness: Liveness } | undefined {
  const [, pid, place] = /^(\d+)@(\w+)$/.exec(tag) ?? [];
  if (pid === undefined) return undefined;
  return { pid: Number(pid), liveness: liveness({ pid: Number(pid), boot: `${place}|boot|1` }) };
}

export function liveness({ pid, boot }: ProcessIdentity): Liveness {
  if (boot !== ownIdentity().boot) return 'foreign';
  return all.get(pid)?.isAlive ? 'alive' : 'dead';
}
