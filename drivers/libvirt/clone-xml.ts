/** The definition of a transient domain for one cell, out of that of the domain it is a clone of. */
import { VmtestError } from '../../src/host/errors.ts';
import { logConsole, useOwnSources } from './character-devices.ts';
import { append, type Document, type Element, first, parseXml, remove, select, showXml } from './xml.ts';

export interface CloneParts {
  name: string;
  /** The overlay of each writable disk, by the disk's target (`vda`). */
  overlays: ReadonlyMap<string, string>;
}

/**
 * All that may be there once only is left out or made anew: libvirt fills in UUID, MAC addresses, ports and sockets.
 * @throws VmtestError `LIBVIRT_FAILED` for what defines no domain.
 */
export function cloneXml(domainXml: string, { name, overlays }: CloneParts): string {
  const document = parseXml(domainXml);
  const domain = only(document, 'domain');
  remove(first(domain, 'uuid'));
  remove(first(domain, 'title'));
  remove(first(domain, 'name'));
  append(domain, `<name>${name}</name>`);
  for (const disk of select(domain, 'devices/disk')) useOverlay(disk, overlays);
  for (const card of select(domain, 'devices/interface')) {
    remove(first(card, 'mac'));
    remove(first(card, 'target'));
    for (const forward of select(card, 'portForward')) remove(forward);
  }
  // The template, not the variables of another machine's firmware.
  const nvram = first(domain, 'os/nvram');
  if (nvram) {
    for (const child of [...nvram.children]) remove(child as Element);
    // With a type, libvirt wants a source.
    delete nvram.attribs['type'];
  }
  for (const graphics of select(domain, 'devices/graphics')) useAnyPort(graphics);
  for (const devices of select(domain, 'devices')) useOwnSources(devices);
  return showXml(document);
}

/** What its console prints also goes to a file, if it has one. */
export function withConsoleLog(xml: string, file: string): { xml: string; logged: boolean } {
  const document = parseXml(xml);
  const devices = first(document, 'domain/devices');
  if (!devices || !logConsole(devices, file)) return { xml, logged: false };
  return { xml: showXml(document), logged: true };
}

function useOverlay(disk: Element, overlays: ReadonlyMap<string, string>): void {
  const overlay = overlays.get(first(disk, 'target')?.attribs['dev'] ?? '');
  if (overlay === undefined) return;
  disk.attribs['type'] = 'file';
  remove(first(disk, 'backingStore'));
  remove(first(disk, 'source'));
  append(disk, '<source/>');
  const source = first(disk, 'source');
  if (source) source.attribs['file'] = overlay;
  // Without a driver it would be read as raw.
  if (!first(disk, 'driver')) append(disk, '<driver name="qemu"/>');
  const driver = first(disk, 'driver');
  if (driver) driver.attribs['type'] = 'qcow2';
}

function useAnyPort(graphics: Element): void {
  for (const name of ['port', 'tlsPort', 'websocket', 'socket']) delete graphics.attribs[name];
  for (const listen of select(graphics, 'listen')) delete listen.attribs['socket'];
  graphics.attribs['autoport'] = 'yes';
}

function only(document: Document, name: string): Element {
  const found = first(document, name);
  if (found) return found;
  throw new VmtestError(
    'LIBVIRT_FAILED',
    `libvirt's definition of the VM makes no sense: it has no <${name}>`,
    {
      details: showXml(document).slice(0, 4096),
    },
  );
}
