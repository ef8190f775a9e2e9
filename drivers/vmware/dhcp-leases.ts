/** What VMware's DHCP server writes down about the addresses that it gives. The files are those of ISC's server, or macOS's own. */

import { isIP } from 'node:net';
import path from 'node:path';
import type { Dictionary } from './dictionary.ts';
import { isReachable } from './parse.ts';

export interface Card {
  /** `00:0c:29:ab:cd:ef` */
  mac: string;
  /** `vmnet8` */
  network: string;
}

/** The first network card of a `.vmx`, when it is on a network of VMware's own. */
export function cardOf(vmx: Dictionary): Card | undefined {
  const get = (name: string) => vmx.get(`ethernet0.${name}`) ?? '';
  const mac = get('address') || get('generatedaddress');
  const network = networkOf(get('connectiontype'), get('vnet'));
  return mac === '' || network === undefined ? undefined : { mac: normal(mac), network };
}

function networkOf(connection: string, vnet: string): string | undefined {
  if (connection === 'nat') return 'vmnet8';
  if (connection === 'hostonly') return 'vmnet1';
  return connection === 'custom' ? /vmnet\d+$/i.exec(vnet)?.[0]?.toLowerCase() : undefined;
}

export function leaseFiles(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, network: string): string[] {
  if (platform === 'win32') {
    return [path.win32.join(env['ProgramData'] ?? 'C:\\ProgramData', 'VMware', 'vmnetdhcp.leases')];
  }
  if (platform === 'darwin') return [`/var/db/vmware/vmnet-dhcpd-${network}.leases`, '/var/db/dhcpd_leases'];
  return [`/etc/vmware/${network}/dhcpd/dhcpd.leases`];
}

/** The last lease of a card wins; one that has ended does not count. */
export function addressInLeases(text: string, mac: string, now: Date): string | undefined {
  const found = [...iscLeases(text), ...macosLeases(text)].filter((lease) => lease.mac === mac).at(-1);
  if (!found || (found.ends !== undefined && found.ends < now)) return undefined;
  return isIP(found.address) !== 0 && isReachable(found.address) ? found.address : undefined;
}

interface DhcpLease {
  address: string;
  mac: string;
  ends?: Date;
}

/** `lease 192.168.5.130 { … ends 2 2024/01/02 03:04:05; … hardware ethernet 00:0c:29:…; }`, times in UTC. */
function iscLeases(text: string): DhcpLease[] {
  return [...text.matchAll(/^lease\s+(\S+)\s*\{([^}]*)\}/gm)].flatMap(([, address = '', body = '']) => {
    const mac = /hardware ethernet ([0-9a-f:]+);/i.exec(body)?.[1];
    const [, date, time] = /ends \d (\d+\/\d+\/\d+) ([\d:]+);/.exec(body) ?? [];
    const ends = date === undefined ? {} : { ends: new Date(`${date.replaceAll('/', '-')}T${time}Z`) };
    return mac === undefined ? [] : [{ address, mac: normal(mac), ...ends }];
  });
}

/** Blocks of `ip_address=…` and `hw_address=1,0:c:29:…`. When they end is told in seconds, in hexadecimal digits. */
function macosLeases(text: string): DhcpLease[] {
  return [...text.matchAll(/\{([^{}]*)\}/g)].flatMap(([, body = '']) => {
    const address = /^\s*ip_address=(\S+)/m.exec(body)?.[1];
    const mac = /^\s*hw_address=\d+,([0-9a-f:]+)/im.exec(body)?.[1];
    const ends = /^\s*lease=0x([0-9a-f]+)/im.exec(body)?.[1];
    if (address === undefined || mac === undefined) return [];
    return [
      {
        address,
        mac: normal(mac),
        ...(ends === undefined ? {} : { ends: new Date(Number.parseInt(ends, 16) * 1000) }),
      },
    ];
  });
}

/** Lower case, two digits a byte: macOS leaves zeros out. */
function normal(mac: string): string {
  return mac
    .toLowerCase()
    .replaceAll('-', ':')
    .split(':')
    .map((byte) => byte.padStart(2, '0'))
    .join(':');
}
