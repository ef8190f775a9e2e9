/** The address of a guest: what `prlctl list` shows, else what Parallels' DHCP server has given to its network card. */
import { isIP, isIPv6 } from 'node:net';

/** Of Parallels' own DHCP server. Macs keep it from other users, and it knows nothing of `.macvm` guests. */
export const LEASE_FILES = ['/Library/Preferences/Parallels/parallels_dhcp_leases'];

/** The first that can be connected to, IPv4 preferred. A VM that is resuming shows link-local ones, or none. */
export function usableAddress(addresses: readonly string[]): string | undefined {
  const usable = addresses.filter(
    (address) => isIP(address) !== 0 && !/^(?:fe80:|169\.254\.|0\.)/i.test(address),
  );
  return usable.find((address) => !isIPv6(address)) ?? usable[0];
}

/**
 * The address given out last to a card. Lines are `10.211.55.4="EXPIRY,DURATION,MAC,CLIENT"`, times in seconds.
 * @param mac lower case, without colons.
 */
export function leasedAddress(leases: string, mac: string): string | undefined {
  let latest: { address: string; given: number } | undefined;
  for (const line of leases.split('\n')) {
    const [, address, expiry, duration, owner] =
      /^([\d.]+)="?(\d+),(\d+),([0-9a-fA-F]+)/.exec(line.trim()) ?? [];
    if (address === undefined || owner?.toLowerCase() !== mac) continue;
    const given = Number(expiry) - Number(duration);
    if (!latest || given > latest.given) latest = { address, given };
  }
  return latest?.address;
}
