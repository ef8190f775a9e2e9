/** Has the machine of a dead run taken away by the program that made it. */
import type { LeaseRecord } from '../../src/host/host.ts';
import type { DriverContext } from '../driver.ts';
import { UserEngine } from './engine.ts';
import { factsOf } from './lease-facts.ts';

/** `release` is asked also for a machine of which nothing is there, for all that `status` says: half of one may be. */
export async function sweepLease(
  lease: LeaseRecord,
  { host, signal, dryRun }: DriverContext & { dryRun: boolean },
): Promise<string[]> {
  const facts = factsOf(lease);
  if (!facts) return [];
  const engine = new UserEngine(host, facts.engine);
  const { subject, hasStatus } = facts;
  const isThere = !hasStatus || (await engine.call('status', subject, signal)).state !== 'absent';
  if (!dryRun) await engine.call('release', subject, signal);
  return isThere ? [`machine ${subject.machine.name} of ${engine.written('release')?.[0]}`] : [];
}
