/**
 * Serial ports and channels of a clone. What a domain's own lead to (a file, a socket, a TCP port, a device) is there once:
 * clones would fight over it, or write over what belongs to the domain.
 */
import { append, type Element, first, remove, select } from './xml.ts';

/** Types whose source is a thing of the host. The others are nothing (`null`), or libvirt makes one for each domain (`pty`). */
const SHARED = new Set(['dev', 'file', 'nmdm', 'pipe', 'tcp', 'udp', 'unix']);

/** @param devices of the clone's definition. */
export function useOwnSources(devices: Element): void {
  for (const port of ['serial', 'parallel', 'console'].flatMap((name) => select(devices, name))) {
    remove(first(port, 'log'));
    if (SHARED.has(port.attribs['type'] ?? '')) usePty(port);
  }
  for (const channel of select(devices, 'channel')) {
    remove(first(channel, 'log'));
    // Others (`guestfwd`) are ways out of the guest, to what its user has chosen.
    const isPort = first(channel, 'target')?.attribs['type'] === 'virtio';
    if (isPort && SHARED.has(channel.attribs['type'] ?? '')) useOwnSocket(channel);
  }
}

/** The first serial port also writes to a file; libvirt's log daemon does so, as root for `qemu:///system`. */
export function logConsole(devices: Element, file: string): boolean {
  const serial = first(devices, 'serial');
  if (!serial) return false;
  usePty(serial);
  // The first console is the first serial port, so libvirt wants the two to be alike.
  const console = first(devices, 'console');
  if (console) usePty(console);
  append(serial, '<log append="off"/>');
  const log = first(serial, 'log');
  if (log) log.attribs['file'] = file;
  return true;
}

function usePty(port: Element): void {
  port.attribs['type'] = 'pty';
  for (const part of ['source', 'protocol', 'log']) {
    for (const element of select(port, part)) remove(element);
  }
}

/** Without a source, libvirt makes a socket for each domain. */
function useOwnSocket(channel: Element): void {
  channel.attribs['type'] = 'unix';
  for (const part of ['source', 'protocol']) {
    for (const element of select(channel, part)) remove(element);
  }
}
