/** What libvirt tells of a snapshot, and what can be done with it. */
import type { VmSnapshot } from '../vm/control.ts';
import { type Document, type Element, first, parseXml, select, textOf } from './xml.ts';

export interface ParsedSnapshot {
  name: string;
  parent: string | undefined;
  live: boolean;
  external: boolean;
  created: string;
}

export interface LibvirtSnapshot extends VmSnapshot {
  /** Any of it, a disk or the memory, lies in a file of its own. */
  external: boolean;
}

export function parseSnapshot(xml: string): ParsedSnapshot {
  const document = parseXml(xml);
  const parent = textOf(document, 'domainsnapshot/parent/name');
  return {
    name: textOf(document, 'domainsnapshot/name'),
    parent: parent === '' ? undefined : parent,
    live: memoryOf(document) !== 'no',
    external: memoryOf(document) === 'external' || [...diskKinds(document).values()].includes('external'),
    created: textOf(document, 'domainsnapshot/creationTime'),
  };
}

/** Names are unique in a domain, so they are its ids. */
export function pathsOf(snapshots: readonly ParsedSnapshot[]): LibvirtSnapshot[] {
  const byName = new Map(snapshots.map((each) => [each.name, each]));
  const pathOf = ({ name, parent }: ParsedSnapshot): string => {
    const above = parent === undefined ? undefined : byName.get(parent);
    return above ? `${pathOf(above)}/${name}` : name;
  };
  return snapshots.map((each) => ({
    id: each.name,
    name: each.name,
    path: pathOf(each),
    live: each.live,
    external: each.external,
    stamp: `${each.name}:${each.created}`,
  }));
}

/** A disk by its target (`vda`), and the file in which it was when the snapshot was taken. */
export interface FrozenDisk {
  target: string;
  file: string;
  format: string;
}

/**
 * The files that the snapshot has frozen, when all of it is external and none of it is memory: new writes went to another file
 * since, so overlays may stand on these. Undefined else, with why.
 */
export function frozenDisks(xml: string): { disks: FrozenDisk[]; why?: never } | { why: string } {
  const document = parseXml(xml);
  if (memoryOf(document) !== 'no')
    return { why: 'the snapshot holds memory, which belongs to the domain itself' };
  const kinds = diskKinds(document);
  const disks: FrozenDisk[] = [];
  for (const disk of writableDisks(document, 'domainsnapshot/domain')) {
    const kind = kinds.get(disk.target);
    if (kind !== 'external') {
      return {
        why:
          kind === 'internal'
            ? `the snapshot of ${disk.target} lies inside its image (take it with \`--disk-only\` to have it outside)`
            : `the snapshot leaves ${disk.target} out`,
      };
    }
    if (disk.file === undefined) return { why: `${disk.target} is no file` };
    disks.push({ target: disk.target, file: disk.file, format: disk.format });
  }
  return { disks };
}

interface WritableDisk {
  target: string;
  file: string | undefined;
  format: string;
}

/** Those that a guest writes to, but for what libvirt itself throws away afterwards. */
export function writableDisks(document: Document, domain: string): WritableDisk[] {
  return select(document, `${domain}/devices/disk`)
    .filter((disk) => disk.attribs['device'] !== 'cdrom' && !isEmptyDrive(disk))
    .filter((disk) => !['readonly', 'shareable', 'transient'].some((mark) => first(disk, mark)))
    .map((disk) => ({
      target: first(disk, 'target')?.attribs['dev'] ?? '',
      file: first(disk, 'source')?.attribs['file'],
      format: first(disk, 'driver')?.attribs['type'] ?? 'raw',
    }));
}

function isEmptyDrive(disk: Element): boolean {
  return disk.attribs['device'] === 'floppy' && !first(disk, 'source');
}

/** By the disk's target: `internal`, `external`, or `no` for one that is left out. */
function diskKinds(document: Document): Map<string | undefined, string | undefined> {
  const disks = select(document, 'domainsnapshot/disks/disk');
  return new Map(disks.map(({ attribs }) => [attribs['name'], attribs['snapshot']]));
}

function memoryOf(document: Document): string {
  return first(document, 'domainsnapshot/memory')?.attribs['snapshot'] ?? 'no';
}
