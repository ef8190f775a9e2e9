/**
 * Entries of a tar stream that nobody vouches for, one after the other. Headers are decoded by the package `tar`; the
 * stream around them is read here, so that nothing is decompressed, guessed or passed over: an archive is whole and in
 * order, or it is an error.
 */
import { Header, Pax } from 'tar';
import { ByteReader, damagedArchive } from './byte-reader.ts';
import { BLOCK } from './tar-header.ts';

export interface UntrustedEntry {
  path: string;
  /** As `tar` names it: `File`, `SymbolicLink`, `CharacterDevice`… */
  type: string;
  size: number;
  /** The content. What is left of it is skipped when the next entry is asked for. */
  body(): AsyncGenerator<Buffer, void>;
}

/** Of a long name or a pax record. */
const MOST_META_BYTES = 64 * 1024;
/** GNU tar fills its last record of 10 KiB with zeros, others less. */
const MOST_TRAILING_BYTES = 1024 * 1024;

/** @throws VmtestError `GUEST_ARCHIVE_DAMAGED` */
export async function* tarEntries(source: AsyncIterable<Buffer>): AsyncGenerator<UntrustedEntry, void> {
  const reader = new ByteReader(source);
  let next: Pax | undefined;
  try {
    for (;;) {
      const header = decode(await reader.exactly(BLOCK), next);
      if (header.nullBlock) return await readOut(reader);
      const { size } = header;
      if (isMeta(header.type)) {
        if (size > MOST_META_BYTES) throw damagedArchive(`one of its headers has ${size} bytes`);
        next = describesNext(header.type, (await reader.exactly(size)).toString(), next);
      } else {
        next = undefined;
        let left = size;
        const body = async function* () {
          while (left > 0) yield await take();
        };
        const take = async () => {
          const bytes = await reader.some(left);
          if (bytes === undefined) throw damagedArchive('it ends too early');
          left -= bytes.length;
          return bytes;
        };
        yield { path: header.path, type: header.type, size, body };
        while (left > 0) await take();
      }
      await reader.exactly((BLOCK - (size % BLOCK)) % BLOCK);
    }
  } finally {
    await reader.stop();
  }
}

interface DecodedHeader {
  path: string;
  type: string;
  size: number;
  nullBlock: boolean;
}

function decode(block: Buffer, extended: Pax | undefined): DecodedHeader {
  let header: Header;
  try {
    header = new Header(block, 0, extended);
  } catch (error) {
    throw damagedArchive((error as Error).message);
  }
  const { nullBlock, cksumValid, path = '', type } = header;
  // Folders and links have no content, whatever their header says.
  const size = type === 'File' || type === 'OldFile' || isMeta(type) ? header.size : (header.size ?? 0);
  if (nullBlock) return { path, type, size: 0, nullBlock };
  if (!cksumValid) throw damagedArchive('a header does not match its checksum');
  if (size === undefined || !Number.isSafeInteger(size)) throw damagedArchive('a file without a size');
  return { path, type, size, nullBlock };
}

function isMeta(type: string): boolean {
  return type.endsWith('ExtendedHeader') || type.startsWith('NextFileHas') || type === 'OldGnuLongPath';
}

/** What a header of a header says about the entry after it. Global ones say nothing that is wanted here. */
function describesNext(type: string, text: string, before: Pax | undefined): Pax | undefined {
  if (type === 'GlobalExtendedHeader') return before;
  if (type.endsWith('ExtendedHeader')) return Pax.parse(text, before);
  const [name = ''] = text.split('\0', 1);
  const field = type === 'NextFileHasLongLinkpath' ? 'linkpath' : 'path';
  return new Pax({ ...before, [field]: name });
}

/** What follows the end is padding; an endless padding is not waited for. */
async function readOut(reader: ByteReader): Promise<void> {
  for (let left = MOST_TRAILING_BYTES; left > 0; ) {
    const bytes = await reader.some(left);
    if (bytes === undefined) return;
    left -= bytes.length;
  }
}
