/** What a lease remembers of a machine, so that its engine can take it away when the run is dead. */
import type { LeaseRecord } from '../../src/host/host.ts';
import type { EngineOptions } from './engine.ts';
import type { Plan } from './plan.ts';
import type { Subject } from './request.ts';

export interface MachineFacts {
  engine: EngineOptions;
  subject: Subject & Required<Pick<Subject, 'machine'>>;
  /** The program tells how a machine is. */
  hasStatus: boolean;
}

/** Leases are files: what may be a secret stays out. */
const SECRET = /password|token|secret|key/i;

export function factsFor(
  { engine, verbs }: Plan,
  subject: MachineFacts['subject'],
): { machine: MachineFacts } {
  const open = Object.entries(subject.with).filter(([name]) => !SECRET.test(name));
  return {
    machine: {
      engine: engine.options,
      subject: { ...subject, with: Object.fromEntries(open) },
      hasStatus: verbs.has('status'),
    },
  };
}

/** Undefined for a lease that never came as far; a record may be damaged. */
export function factsOf({ id, facts }: LeaseRecord): MachineFacts | undefined {
  const { machine } = facts as { machine?: Partial<MachineFacts> };
  if (machine?.subject?.machine?.lease !== id || typeof machine.engine?.folder !== 'string') return undefined;
  return machine as MachineFacts;
}
