/**
 * Tar headers that every guest's tar understands. Long names go into GNU's `@LongLink` entries, since busybox skips pax
 * headers and would cut the names. Owners are root's: a guest's root unpacks to himself, everybody else to himself anyway.
 */
import { Header, type HeaderData } from 'tar';

export const BLOCK = 512;
/** Two empty blocks end an archive. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

const NAME_BYTES = 100;

export interface TarEntry {
  path: string;
  type: 'File' | 'Directory' | 'SymbolicLink';
  mode: number;
  size: number;
  mtime: Date;
  linkpath?: string;
}

type TarFields = Omit<TarEntry, 'type'> & Required<Pick<HeaderData, 'type'>>;

export function encodeTarHeader(entry: TarEntry): Buffer {
  const parts: Buffer[] = [];
  if (isLong(entry.path)) parts.push(longName('NextFileHasLongPath', entry.path));
  if (entry.linkpath !== undefined && isLong(entry.linkpath)) {
    parts.push(longName('NextFileHasLongLinkpath', entry.linkpath));
  }
  parts.push(
    block({
      ...entry,
      path: shortened(entry.path),
      ...(entry.linkpath === undefined ? {} : { linkpath: shortened(entry.linkpath) }),
    }),
  );
  return Buffer.concat(parts);
}

/** Zeros up to the next whole block. */
export function paddingAfter(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

function isLong(name: string): boolean {
  return Buffer.byteLength(name) > NAME_BYTES;
}

function shortened(name: string): string {
  // Cut between characters; nobody reads it but tars that know no long names.
  return isLong(name) ? name.slice(0, NAME_BYTES / 4) : name;
}

function longName(type: 'NextFileHasLongPath' | 'NextFileHasLongLinkpath', name: string): Buffer {
  const body = Buffer.from(`${name}\0`);
  const header = block({ path: '././@LongLink', type, mode: 0o644, size: body.length, mtime: new Date(0) });
  return Buffer.concat([header, body, paddingAfter(body.length)]);
}

function block(fields: TarFields): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  new Header({ ...fields, uid: 0, gid: 0 }).encode(bytes);
  return bytes;
}
