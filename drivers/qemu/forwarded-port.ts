/** The port of this host that leads into a guest: the kernel chose it, and QEMU is asked which. */
import { VmtestError } from '../../src/host/errors.ts';
import { readForwardedPort } from '../forwarded-port.ts';
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
