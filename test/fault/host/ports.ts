/** Networks in which the kernel has few ports to give, or none; each in a namespace of its own. */
import type { Hardship } from './hardship.ts';

export const PORTS: readonly Hardship[] = [
  { ...inNetwork('no port left', '50000 50000', '50000'), endings: ['errors'] },
  { ...inNetwork('one port for two machines', '50000 50001', '50000'), endings: ['usual', 'errors'] },
  {
    kind: 'ports',
    name: 'not even loopback',
    endings: ['usual', 'errors'],
    impose: async () => ({ before: ['unshare', '--net'] }),
  },
];

function inNetwork(name: string, range: string, reserved: string): Hardship {
  const ipv4 = '/proc/sys/net/ipv4/ip_local';
  const script = [
    'ip link set lo up',
    `echo ${range} > ${ipv4}_port_range`,
    `echo ${reserved} > ${ipv4}_reserved_ports`,
    'exec "$@"',
  ].join('; ');
  return {
    kind: 'ports',
    name,
    endings: ['usual'],
    says: /a port of this host could not be forwarded/,
    impose: async () => ({ before: ['unshare', '--net', 'sh', '-c', script, 'sh'] }),
  };
}
