import { abortable } from '../host/abortable.ts';
import { toVmtestError } from '../host/errors.ts';
import type { Lease, Leases } from '../host/host.ts';

/** Says of a piece of work that it makes things which the lease tells of. */
export type Follow = <T>(work: Promise<T>) => Promise<T>;

export interface UnderLease {
  wanted: Parameters<Leases['begin']>[0];
  /** Milliseconds to wait for followed work that was given up, so that its run does not end before it. */
  restMs: number;
}

/**
 * Works under a lease of its own. What is followed may be given up at a deadline, and go on all the same: the lease ends
 * when that has come to rest. It stays for the sweep when it never does, or says that it left something behind.
 */
export async function underLease<T>(
  leases: Leases,
  { wanted, restMs }: UnderLease,
  work: (lease: Lease, follow: Follow) => Promise<T>,
): Promise<T> {
  const lease = await leases.begin(wanted);
  const followed: Promise<unknown>[] = [];
  let isClean = true;
  const follow: Follow = (begun) => {
    const rest = begun.catch((error: unknown) => {
      if (toVmtestError(error).leftBehind !== undefined) isClean = false;
    });
    followed.push(rest);
    return begun;
  };
  const end = async () => {
    await Promise.all(followed);
    if (isClean) await lease.end();
  };
  try {
    return await work(lease, follow);
  } finally {
    const ending = end();
    const deadline = AbortSignal.timeout(restMs);
    await abortable(ending, deadline).catch((error: unknown) => {
      if (!deadline.aborted) throw error;
    });
  }
}
