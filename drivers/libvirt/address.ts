/** A domain's address: from libvirt's own DHCP server, from the guest's agent, or as this host's ARP table knows it. */
import type { VmContext, VmRef } from '../vm/control.ts';
import { tryVirsh } from './virsh.ts';
import { type Document, select } from './xml.ts';

/** In the order in which they are believed. A memory snapshot may come with an old lease, which the agent's word corrects. */
const SOURCES = ['agent', 'lease', 'arp'] as const;

/** One look, at a domain by its live definition. Only cards of the domain count: a guest has bridges and containers of its own. */
export async function findAddress(
  { id }: VmRef,
  live: Document,
  context: VmContext,
  onSilence: (words: string) => void = () => {},
): Promise<string | undefined> {
  const cards = select(live, 'domain/devices/interface')
    // Guests behind QEMU's own network cannot be reached from outside.
    .filter(({ attribs }) => attribs['type'] !== 'user')
    .flatMap((card) => select(card, 'mac').map(({ attribs }) => attribs['address']?.toLowerCase() ?? ''));
  if (cards.length === 0) return undefined;
  const silent: string[] = [];
  for (const source of SOURCES) {
    const argv = ['domifaddr', '--domain', id, '--source', source, '--full'];
    // A source that fails knows nothing: no agent, no network of libvirt's.
    const { exitCode, stdout, stderr } = await tryVirsh(argv, context);
    if (exitCode !== 0) silent.push(`${source}: ${lastWords(stderr)}`);
    const [address] = exitCode === 0 ? parseAddresses(stdout).filter(({ mac }) => cards.includes(mac)) : [];
    if (address) return address.address;
  }
  if (silent.length > 0) onSilence(silent.join('; '));
  return undefined;
}

/** `virsh` says first what it was at, then why it failed. */
function lastWords(stderr: string): string {
  const [last = ''] = stderr.trimEnd().split('\n').slice(-1);
  return last.replace(/^error: /, '');
}

export interface Address {
  mac: string;
  address: string;
}

/**
 * The usable ones of `domifaddr --full`, those of IPv4 first. Of several leases of one card the last is the newest.
 */
export function parseAddresses(table: string): Address[] {
  const rows = [...table.matchAll(/([\da-f]{2}(?::[\da-f]{2}){5})\s+(ipv4|ipv6)\s+([\da-f.:]+)\/\d+/gi)];
  const usable = rows
    .map(([, mac = '', family, address = '']) => ({ mac: mac.toLowerCase(), family, address }))
    .filter(({ address }) => !/^(?:127\.|169\.254\.|::1$|fe80:)/i.test(address))
    .toReversed();
  return [
    ...usable.filter(({ family }) => family === 'ipv4'),
    ...usable.filter(({ family }) => family === 'ipv6'),
  ].map(({ mac, address }) => ({ mac, address }));
}
