/**
 * The port of this host that leads into a guest behind NAT. VirtualBox takes a fixed port only, and starts a VM also when
 * somebody has that port: its log tells. So the port is one that the kernel had free, and the log is looked at.
 */
import { createServer } from 'node:net';
import { VmtestError } from '../../src/host/errors.ts';
import type { Nic } from './machine-info.ts';

/** Our rule among those of the VM. */
export const RULE = 'vmtest-ssh';
export const LOOPBACK = '127.0.0.1';

/** Options of `modifyvm`. A snapshot that was taken while vmtest used the VM has our rule already. */
export function forwardOptions({ slot, rules }: Nic, port: number, guestPort: number): string[] {
  const remove = rules.includes(RULE) ? [`--natpf${slot}`, 'delete', RULE] : [];
  return [...remove, `--natpf${slot}`, `${RULE},tcp,${LOOPBACK},${port},,${guestPort}`];
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Whether VBox.log says that the port could not be had: in the words of 6.1 to 7.1, and in those of 7.2. */
export function saysPortTaken(log: string, port: number): boolean {
  return (
    new RegExp(`failed to redirect TCP \\S*:${port}\\b`).test(log) ||
    new RegExp(`Port forward modify FAIL![^\\n]*u16HostPort=${port}\\b`).test(log)
  );
}

export function portTaken(port: number): VmtestError {
  return new VmtestError(
    'VIRTUALBOX_PORT_TAKEN',
    `port ${port} of this host was taken while the VM started`,
    {
      hint: 'Trying again takes another port.',
      retryable: true,
    },
  );
}
