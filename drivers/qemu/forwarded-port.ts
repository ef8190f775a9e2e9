/** The port of this host that leads into a guest: the kernel chose it, and QEMU tells it in a table for people. */
import { VmtestError } from '../../src/host/errors.ts';
import type { Qmp } from './qmp.ts';

export async function forwardedPort(qmp: Qmp, guestPort: number, signal: AbortSignal): Promise<number> {
  const table = String(
    await qmp.execute('human-monitor-command', { 'command-line': 'info usernet' }, { signal }),
  );
  const port = readForwardedPort(table, guestPort);
  if (port !== undefined) return port;
  throw new VmtestError('QEMU_NO_FORWARD', `QEMU forwards no port to port ${guestPort} of the guest`, {
    details: table,
  });
}

/** Columns: protocol, descriptor, source address and port, destination address and port, queues. */
export function readForwardedPort(table: string, guestPort: number): number | undefined {
  for (const line of table.split('\n')) {
    const match = /^\s*TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)\s/.exec(line);
    if (match && Number(match[2]) === guestPort) return Number(match[1]);
  }
  return undefined;
}
