/** Takes away what dead runs left behind. Every run begins with it; `vmtest clean` does it on demand. */
import { join } from 'node:path';
import type { Driver } from '../../drivers/driver.ts';
import { loadDriver } from '../../drivers/registry.ts';
import { withDeadline } from '../host/deadline.ts';
import { timeoutError, toVmtestError, VmtestError } from '../host/errors.ts';
import type { Host, LeaseRecord, ListedLease, Unlock } from '../host/host.ts';
import { removeUnfinished } from '../host/temporary.ts';

export interface SweepOptions {
  /** Also machines that a person kept with `--keep`. */
  kept: boolean;
  dryRun: boolean;
  signal: AbortSignal;
  /** Told of each at once: an engine may take its time, and what is interrupted has no report. */
  onSwept?: (swept: Swept) => void;
  /** Told who sweeps just now, and has to be waited for. */
  onWait?: (sweeper: string) => void;
}

export interface Swept {
  record: LeaseRecord;
  /** One line for each thing that was (or would be) taken away. */
  actions: string[];
  /** Set when it failed; the lease stays for the next try. */
  error?: string;
}

export interface SweepReport {
  swept: Swept[];
  /** Leases that were left alone, with why. */
  left: { record: LeaseRecord; why: string }[];
  /** What else of dead runs was (or would be) taken away, a line each: their locks, files that they had half written. */
  rest: string[];
  /** Of records that are damaged or cannot be read, a sentence each. */
  unreadable: string[];
}

const ONE_LEASE_MS = 30_000;
/** For another sweeper, who has this long for each lease himself. */
const OTHERS_MS = 120_000;

/**
 * One sweeper at a time on a host: two would fight over the same processes and folders.
 * @throws VmtestError `TIMEOUT` when another one does not come to an end.
 */
export async function sweep(host: Host, options: SweepOptions): Promise<SweepReport> {
  const unlock = await takeTurn(host, options);
  try {
    const { leases, unreadable } = await host.leases.list();
    const report: SweepReport = { swept: [], left: [], rest: [], unreadable };
    for (const lease of leases) {
      const why = reasonToLeave(lease, options);
      if (why !== undefined) {
        report.left.push({ record: lease.record, why });
        continue;
      }
      const swept = await sweepOne(host, lease.record, options);
      report.swept.push(swept);
      options.onSwept?.(swept);
    }
    report.rest = await tidy(host, options.dryRun);
    return report;
  } finally {
    await unlock();
  }
}

async function takeTurn({ locks }: Host, { signal, onWait }: SweepOptions): Promise<Unlock> {
  let holder = 'another process';
  try {
    return await withDeadline(signal, OTHERS_MS, 'waiting to sweep', (deadline) =>
      locks.acquire('sweep', {
        signal: deadline,
        onWait: (who) => {
          holder = who;
          onWait?.(who);
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof VmtestError) || error.code !== 'TIMEOUT') throw error;
    throw timeoutError(`waiting for ${holder}, which sweeps up after dead runs,`, OTHERS_MS, {
      hint: 'It hangs, or is stopped: look at it, or end it.',
    });
  }
}

/** Locks of dead processes, and files that they were writing. */
async function tidy({ locks, paths }: Host, dryRun: boolean): Promise<string[]> {
  const lines = await locks.sweep(dryRun);
  const folders = ['leases', 'history', 'host-keys'].map((name) => join(paths.state, name));
  for (const folder of [...folders, join(paths.cache, 'content')]) {
    lines.push(...(await removeUnfinished(folder, { dryRun })));
  }
  return lines;
}

function reasonToLeave({ record, owner }: ListedLease, options: SweepOptions): string | undefined {
  if (owner === 'foreign') return 'made on another host, or in another container';
  if (record.kept) return options.kept ? undefined : `kept on purpose (${record.kept.reason})`;
  if (owner === 'alive') return `its run goes on (process ${record.owner.pid})`;
  return undefined;
}

async function sweepOne(host: Host, record: LeaseRecord, options: SweepOptions): Promise<Swept> {
  try {
    const actions = await withDeadline(
      options.signal,
      ONE_LEASE_MS,
      `sweeping ${record.id}`,
      async (signal) => {
        const driver = await driverOf(record.engine);
        return (await driver?.sweep(record, { host, signal, dryRun: options.dryRun })) ?? [];
      },
    );
    if (!options.dryRun) await host.leases.forget(record);
    return { record, actions: [...actions, `folder ${record.folder}`] };
  } catch (error) {
    options.signal.throwIfAborted();
    return { record, actions: [], error: toVmtestError(error).message };
  }
}

/** Leases of no engine (a packed upload) have nothing but their folder. */
async function driverOf(engine: string): Promise<Driver | undefined> {
  return engine === 'none' ? undefined : loadDriver(engine);
}
