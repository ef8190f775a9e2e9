/** Drives the v86 driver by hand, with nothing above it: tests of the driver fail for the driver's reasons only. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { CleanFacts, Machine } from '../../../drivers/driver.ts';
import { v86Driver } from '../../../drivers/v86/driver.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import type { Host, Lease } from '../../../src/host/host.ts';
import { i386Guest } from '../../support/guests.ts';
import { targetOf } from '../../support/targets.ts';

const MIB = 1024 ** 2;

/** Long enough for emulation on a busy host, short enough that a hang fails the test by name. */
export const soon = (): AbortSignal => AbortSignal.timeout(240_000);

export async function kernelTarget(
  options: Record<string, unknown> = {},
  more: Parameters<typeof targetOf>[2] = {},
): Promise<BaseTarget> {
  const { kernel, initrd, append } = await i386Guest();
  return targetOf('v86', { kernel, initrd, append, ...options }, { memory: 96 * MIB, ...more });
}

/** The least that makes a booted guest a clean state: its shell answers on the console. */
export async function settleByShell(machine: Machine): Promise<CleanFacts> {
  await ready(machine);
  return {};
}

export interface PrepareOptions {
  settle?: (machine: Machine) => Promise<CleanFacts>;
  signal?: AbortSignal;
}

export async function prepare(target: BaseTarget, host: Host, options: PrepareOptions = {}): Promise<void> {
  const { settle = settleByShell, signal = soon() } = options;
  const lease = await host.leases.begin({ run: 'test', engine: 'v86', target: target.name });
  try {
    await v86Driver.prepare(target, { host, lease, signal, progress: () => {}, settle });
  } finally {
    await lease.end();
  }
}

export interface Opened {
  machine: Machine;
  lease: Lease;
}

/** A machine that is taken away after the test. */
export async function open(target: BaseTarget, host: Host): Promise<Opened> {
  const lease = await host.leases.begin({ run: 'test', engine: 'v86', target: target.name });
  onTestFinished(() => lease.end());
  const logs = join(host.paths.state, 'logs', lease.record.id);
  await mkdir(logs, { recursive: true });
  const machine = await v86Driver.open(target, { host, lease, logs, signal: soon() });
  onTestFinished(() => machine.release());
  return { machine, lease };
}

export async function running(target: BaseTarget, host: Host): Promise<Opened> {
  const opened = await open(target, host);
  await opened.machine.start(soon());
  return opened;
}

export async function consoleStream(machine: Machine): Promise<Duplex> {
  const access = await machine.access('console', soon());
  if (access.kind !== 'console') throw new Error(`not a console: ${access.kind}`);
  return access.stream;
}

/** Everything a console prints, from now on. */
export class Screen {
  text = '';

  constructor(stream: Duplex) {
    stream.on('data', (data: Buffer) => {
      this.text += data.toString('latin1');
    });
  }

  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const signal = soon();
    for (;;) {
      const match = pattern.exec(this.text);
      if (match) return match;
      if (signal.aborted) throw new Error(`the console never said ${pattern}:\n${this.text.slice(-4000)}`);
      await delay(10);
    }
  }
}

/** Waits for the prompt of a guest that is booting: what was printed before is in the log. */
export async function ready(machine: Machine): Promise<void> {
  for (const signal = soon(); !(await consoleOf(machine)).includes('\n/ # '); await delay(50)) {
    if (signal.aborted) throw new Error(`no prompt:\n${await consoleOf(machine)}`);
  }
}

/** What a command in the guest prints. The marks are put together in the guest, since it echoes what is typed. */
export async function sh(machine: Machine, script: string): Promise<string> {
  const stream = await consoleStream(machine);
  const screen = new Screen(stream);
  const mark = randomBytes(4).toString('hex');
  stream.write(`stty -echo; m=${mark}; echo "<$m"; ${script}; echo "$m>"; stty echo\n`);
  const [, printed = ''] = await screen.says(new RegExp(`<${mark}\\r\\n([^]*?)${mark}>`));
  stream.destroy();
  return printed.replaceAll('\r\n', '\n').trim();
}

export async function consoleOf(machine: Machine): Promise<string> {
  return (await readFile(machine.consoleLog ?? '', 'latin1')).replaceAll('\r', '');
}

/** Of the process of a lease's machine; undefined before there is one. */
export function pidOf({ lease }: { lease: Pick<Lease, 'record'> }): number {
  return (lease.record.facts['process'] as { pid: number } | undefined)?.pid ?? 0;
}

/** False for a zombie too. */
export async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie whose other threads still end has its files and ports.
  return stat !== '' && (fields[0] !== 'Z' || Number(fields[17]) > 1);
}
