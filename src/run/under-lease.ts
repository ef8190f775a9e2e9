import type { Lease, Leases } from '../host/host.ts';

/** Says of a piece of work that it makes things which the lease tells of. */
export type Follow = <T>(work: Promise<T>) => Promise<T>;

/**
 * Works under a lease of its own. What is followed may be given up at a deadline, and go on all the same: the lease ends
 * when that has come to rest, or stays for the sweep.
 */
export async function underLease<T>(
  leases: Leases,
  wanted: Parameters<Leases['begin']>[0],
  work: (lease: Lease, follow: Follow) => Promise<T>,
): Promise<T> {
  const lease = await leases.begin(wanted);
  const going = new Set<Promise<unknown>>();
  const follow: Follow = (begun) => {
    const rest = () => going.delete(begun);
    going.add(begun);
    begun.then(rest, rest);
    return begun;
  };
  try {
    return await work(lease, follow);
  } finally {
    if (going.size === 0) await lease.end();
    else void Promise.allSettled(going).then(() => lease.end().catch(() => {}));
  }
}
