/** Drives the qemu driver by hand, with nothing above it: tests of the driver fail for the driver's reasons only. */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { CleanFacts, Machine } from '../../../drivers/driver.ts';
import { qemuDriver } from '../../../drivers/qemu/driver.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import type { AgentLink } from '../../../src/guest/channel.ts';
import type { Host, Lease } from '../../../src/host/host.ts';
import { type Guest, tinyGuest } from '../../support/guests.ts';
import { type Owner, startOwner } from '../../support/owner.ts';
import { targetOf } from '../../support/targets.ts';

const MIB = 1024 ** 2;

/** Long enough for emulation on a busy host, short enough that a hang fails the test by name. */
export const soon = (): AbortSignal => AbortSignal.timeout(240_000);

/** Another QEMU than the one on the PATH, to run the same tests against. */
const binary = process.env['VMTEST_TEST_QEMU'];

export async function tinyTarget(
  options: Record<string, unknown> = {},
  more: Parameters<typeof targetOf>[2] = {},
): Promise<BaseTarget> {
  const { kernel, initrd, append } = await tinyGuest();
  return targetOf(
    'qemu',
    { kernel, initrd, append, ...(binary === undefined ? {} : { binary }), ...options },
    { memory: 128 * MIB, ...more },
  );
}

/** Boots from the guest's own disk, without a kernel from outside. */
export function diskTarget(guest: Guest, options: Record<string, unknown> = {}, memory = 192): BaseTarget {
  return targetOf(
    'qemu',
    { image: guest.image, ...(binary === undefined ? {} : { binary }), ...options },
    { memory: memory * MIB },
  );
}

export function debianTarget(guest: Guest, options: Record<string, unknown> = {}): BaseTarget {
  const { image, kernel, initrd, append } = guest;
  return targetOf(
    'qemu',
    { image, kernel, initrd, append, ...(binary === undefined ? {} : { binary }), ...options },
    { memory: 512 * MIB },
  );
}

/** The least that makes a booted guest a clean state: its agent answers. */
export async function settleByAgent(machine: Machine): Promise<CleanFacts> {
  (await agentOf(machine)).close();
  return { channels: ['agent'] };
}

export interface PrepareOptions {
  settle?: (machine: Machine) => Promise<CleanFacts>;
  progress?: (message: string) => void;
  signal?: AbortSignal;
}

export async function prepare(target: BaseTarget, host: Host, options: PrepareOptions = {}): Promise<void> {
  const { settle = settleByAgent, progress = () => {}, signal = soon() } = options;
  const lease = await host.leases.begin({ run: 'test', engine: 'qemu', target: target.name });
  try {
    await qemuDriver.prepare(target, { host, lease, signal, progress, settle });
  } finally {
    await lease.end();
  }
}

export interface Opened {
  machine: Machine;
  lease: Lease;
  logs: string;
}

/** A machine that is taken away after the test. */
export async function open(target: BaseTarget, host: Host, signal = soon()): Promise<Opened> {
  const lease = await host.leases.begin({ run: 'test', engine: 'qemu', target: target.name });
  onTestFinished(() => lease.end());
  const logs = join(host.paths.state, 'logs', lease.record.id);
  await mkdir(logs, { recursive: true });
  const machine = await qemuDriver.open(target, { host, lease, logs, signal });
  onTestFinished(async () => machine.release());
  return { machine, lease, logs };
}

export async function running(target: BaseTarget, host: Host): Promise<Opened> {
  const opened = await open(target, host);
  await opened.machine.start(soon());
  return opened;
}

/** The guest's agent, once it answers. */
export async function agentOf(machine: Machine, signal = soon()): Promise<AgentLink> {
  for (;;) {
    const access = await machine.access('agent', signal);
    if (access.kind !== 'agent') throw new Error(`not an agent: ${access.kind}`);
    try {
      await access.link.ping(signal);
      return access.link;
    } catch {
      signal.throwIfAborted();
      await delay(100);
    }
  }
}

/** What a script in the guest prints. */
export async function sh(machine: Machine, script: string): Promise<string> {
  const signal = soon();
  const link = await agentOf(machine, signal);
  const handle = await link.start(['/bin/sh', '-c', script], { capture: true }, signal);
  for (;;) {
    const answer = await link.poll(handle, signal);
    if (answer.exited) return answer.stdout.toString('utf8').trim();
    await delay(20);
  }
}

export async function until(what: string, holds: () => Promise<boolean>, ms = 60_000): Promise<void> {
  for (const end = Date.now() + ms; !(await holds()); await delay(50)) {
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
  }
}

export async function consoleOf({ machine }: Opened): Promise<string> {
  return readFile(machine.consoleLog ?? '', 'utf8').catch(() => '');
}

/** Process ids of the living machines of a lease, found independently of the driver. */
export async function processesOf(leaseId: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (argv.includes(`guest=vmtest-${leaseId},`)) found.push(Number(pid));
  }
  return found;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Names of everything in the folder of clean states, half-made ones included. */
export async function templatesOf(host: Host): Promise<string[]> {
  return readdir(join(host.paths.cache, 'templates')).catch(() => []);
}

/** See the fixture. */
export function owner(what: 'prepare' | 'hang' | 'open' | 'spawn', host: Host, target: BaseTarget): Owner {
  return startOwner('qemu-owner.ts', what, { host, target, patienceMs: 60_000 });
}
