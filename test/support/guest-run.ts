/** Drives a driver by hand, as a run would: prepare, open, start, connect, one command. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFailed } from 'vitest';
import type { Driver, Machine, OpenContext } from '../../drivers/driver.ts';
import type { BaseTarget } from '../../matrix/model.ts';
import type { GuestChannel } from '../../src/guest/channel.ts';
import type { Host, Lease } from '../../src/host/host.ts';
import { connectGuest } from '../../src/run/connect-guest.ts';
import { createHostKeyPins } from '../../src/run/host-keys.ts';
import { prepareTarget } from '../../src/run/prepare-target.ts';

export interface Driven {
  driver: Driver;
  target: BaseTarget;
  host: Host;
}

/** Generous: tests share the host with each other's guests. */
const TIMEOUTS = {
  prepare: 120_000,
  restore: 60_000,
  boot: 30_000,
  connect: 60_000,
  upload: 60_000,
  setup: 60_000,
  run: 60_000,
  collect: 60_000,
  release: 30_000,
};

const never = new AbortController().signal;

/** Makes the clean state if there is need, and throws when it cannot be made. */
export async function prepare({ driver, target, host }: Driven): Promise<void> {
  const check = await driver.check(target, { host, signal: never });
  if (check.problems.length > 0) throw new Error(JSON.stringify(check.problems));
  if (!check.needsPrepare) return;
  const probe = await driver.probe({ host, signal: never });
  const error = await prepareTarget(
    { target, driver, probe, check, passedOver: [], notes: [] },
    {
      host,
      runId: 'test',
      pins: createHostKeyPins(host),
      timeouts: { ...TIMEOUTS },
      retries: 0,
      logs: join(host.paths.state, 'unprepared'),
      emit: () => {},
      signal: never,
    },
  );
  if (error) throw error;
}

export interface Opened {
  machine: Machine;
  lease: Lease;
  logs: string;
}

/** In a test. Where that fails, the machine is taken away all the same. */
export async function open(
  { driver, target, host }: Driven,
  signal = never,
  more: Pick<OpenContext, 'queue'> = {},
): Promise<Opened> {
  const lease = await host.leases.begin({
    run: 'test',
    engine: driver.engine,
    target: target.name,
    cell: target.name,
  });
  const logs = join(host.paths.state, 'logs', lease.record.id);
  await mkdir(logs, { recursive: true });
  const opening = driver.open(target, { host, lease, logs, signal, ...more });
  onTestFailed(() =>
    opening.then(
      (machine) => gone({ machine, lease, logs }),
      () => {},
    ),
  );
  return { machine: await opening, lease, logs };
}

/** @param onAttempt told why the guest does not answer yet. */
export async function connected(
  { driver, target, host }: Driven,
  machine: Machine,
  signal: AbortSignal = AbortSignal.timeout(240_000),
  onAttempt: (reason: string) => void = () => {},
): Promise<GuestChannel> {
  const check = await driver.check(target, { host, signal: never });
  return connectGuest(
    {
      machine,
      offered: check.access,
      guest: target.guest,
      os: target.os,
      pins: createHostKeyPins(host),
      onAttempt,
    },
    signal,
    [],
  );
}

/** Runs a script in the guest and answers with what it printed on stdout. */
export async function sh(
  channel: GuestChannel,
  script: string,
  signal: AbortSignal = AbortSignal.timeout(240_000),
): Promise<{ exitCode?: number; stdout: string }> {
  let stdout = '';
  const exit = await channel.exec(
    { script, shell: 'sh', cwd: '.', env: {} },
    {
      onStdout: (chunk) => {
        stdout += chunk;
      },
      onStderr: () => {},
    },
    signal,
  );
  return { ...exit, stdout };
}

export async function gone({ machine, lease }: Opened): Promise<void> {
  await machine.stop(0);
  await machine.release();
  await lease.end();
}
