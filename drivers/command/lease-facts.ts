/** What a lease remembers of a machine, so that its engine can take it away when the run is dead. */
import type { LeaseRecord } from '../../src/host/host.ts';
import { withoutSecrets } from '../without-secrets.ts';
import type { EngineOptions } from './engine.ts';
import type { Plan } from './plan.ts';
import type { Subject } from './request.ts';

export interface MachineFacts {
  engine: EngineOptions;
  subject: Subject & Required<Pick<Subject, 'machine'>>;
  /** The program tells how a machine is. */
  hasStatus: boolean;
}

export function factsFor(
  { engine, verbs }: Plan,
  subject: MachineFacts['subject'],
): { machine: MachineFacts } {
  return {
    machine: {
      engine: engine.options,
      subject: { ...subject, with: withoutSecrets(subject.with) },
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
