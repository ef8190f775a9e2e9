/** The address of a guest, out of what its Guest Additions report. */
import type { Nic } from './machine-info.ts';

const NET = '/VirtualBox/GuestInfo/Net/';
export const NET_PROPERTIES = `${NET}*`;

/**
 * Guests number their interfaces in their own way, so an adapter is known by its MAC address. Inside NAT only a forwarded
 * port leads to a guest; 0.0.0.0 (FreeBSD), 169.254.x.y and x.y.z.1 (the host's side) are no answers yet.
 */
export function guestAddress(
  properties: ReadonlyMap<string, string>,
  nics: readonly Nic[],
): string | undefined {
  const reachable = new Set(
    nics.filter(({ kind }) => kind !== 'nat' && kind !== 'null').map(({ mac }) => mac),
  );
  for (const [name, address] of properties) {
    const index = new RegExp(`^${NET}(\\d+)/V4/IP$`).exec(name)?.[1];
    if (index === undefined || !isUsable(address)) continue;
    const mac = properties.get(`${NET}${index}/MAC`)?.toUpperCase();
    if (mac !== undefined && reachable.has(mac)) return address;
  }
  return undefined;
}

function isUsable(address: string): boolean {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(address)) return false;
  return !/^(?:0\.|169\.254\.)/.test(address) && !address.endsWith('.1');
}
