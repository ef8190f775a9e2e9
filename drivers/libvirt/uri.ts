/** Where a connection URI leads. Its parameters are libvirt's own, see https://libvirt.org/uri.html. */
import { posix } from 'node:path';
import type { Argv } from '../../src/host/exec.ts';

/** Files that libvirt writes, and ports that it opens, are those of this host. */
export function isLocal(uri: string): boolean {
  return /^qemu(?:\+unix)?:\/\/\//.test(uri);
}

/** With a session, libvirt and the person are the same user. */
export function isSession(uri: string): boolean {
  return posix.basename(uri.replace(/\?.*$/s, '')) === 'session';
}

/** Nobody is there to answer when `ssh` asks for a password or about a host key. */
export function unattended(uri: string): string {
  if (!/^\w+\+ssh:/.test(uri) || /[?&;]no_tty=/.test(uri)) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}no_tty=1`;
}

/**
 * The command that connects its own input and output to an address as the host of the URI sees it, logging in as libvirt
 * does. Undefined where libvirt itself does not come by SSH.
 */
export function sshTo(uri: string, address: { host: string; port: number }): Argv | undefined {
  const url = sshUrl(uri);
  if (!url) return undefined;
  const { searchParams: given, username, hostname, port } = url;
  const option = (name: string, value: string) => ['-o', `${name}=${value}`];
  const key = given.get('keyfile');
  const known = given.get('known_hosts');
  const isAnyHost = given.get('no_verify') === '1' || given.get('known_hosts_verify') === 'ignore';
  return [
    given.get('command') ?? 'ssh',
    ...option('BatchMode', 'yes'),
    ...(key === null ? [] : ['-i', key]),
    ...(known === null ? [] : option('UserKnownHostsFile', known)),
    ...(isAnyHost ? option('StrictHostKeyChecking', 'no') : []),
    ...(username === '' ? [] : ['-l', decodeURIComponent(username)]),
    ...(port === '' ? [] : ['-p', port]),
    '-W',
    `${bracketed(address.host)}:${address.port}`,
    '--',
    hostname.replace(/^\[|\]$/g, ''),
  ];
}

function sshUrl(uri: string): URL | undefined {
  if (!/^\w+\+(?:ssh|libssh2?):\/\/[^/]/.test(uri)) return undefined;
  const [address = '', query = ''] = uri.split(/\?(.*)/s);
  // libvirt takes `;` for `&`, and a plus sign for itself.
  return new URL(`${address}?${query.replaceAll(';', '&').replaceAll('+', '%2B')}`);
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
