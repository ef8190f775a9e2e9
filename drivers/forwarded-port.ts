/** Which port of the host leads into a guest behind QEMU's own network, out of the table that the monitor prints for people. */

/** Columns: protocol, descriptor, source address and port, destination address and port, queues. */
export function readForwardedPort(table: string, guestPort: number): number | undefined {
  for (const line of table.split('\n')) {
    const match = /^\s*TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)\s/.exec(line);
    if (match && Number(match[2]) === guestPort) return Number(match[1]);
  }
  return undefined;
}
