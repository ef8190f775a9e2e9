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
  mtime?: Date;
  /** Of a link: what it names. */
  linkpath?: string;
  /** The content. What is left of it is skipped when the next entry is asked for. */
  body(): AsyncGenerator<Buffer, void>;
}

/** Of a long name or a pax record. */
const MOST_META_BYTES = 64 * 1024;
/** GNU tar fills its last record of 10 KiB with zeros, others less. An endless padding is not waited for. */
const MOST_PADDING_BYTES = 1024 * 1024;
const EMPTY_BLOCK = Buffer.alloc(BLOCK);

/**
 * The entries of one archive, or of several one after the other.
 * @throws VmtestError `GUEST_ARCHIVE_DAMAGED`
 */
export async function* tarEntries(source: AsyncIterable<Buffer>): AsyncGenerator<UntrustedEntry, void> {
  const reader = new ByteReader(source);
  let next: Pax | undefined;
  try {
    for (;;) {
      const block = await blockAfterPadding(reader);
      if (block === undefined) return;
      const entry = decode(block, next);
      const { type, size } = entry;
      if (isMeta(type)) {
        if (size > MOST_META_BYTES) throw damagedArchive(`one of its headers has ${size} bytes`);
        next = describesNext(type, (await reader.exactly(size)).toString(), next);
      } else {
        next = undefined;
        const content = new Content(reader, size);
        yield { ...entry, body: () => content.rest() };
        await content.skip();
      }
      await reader.exactly((BLOCK - (size % BLOCK)) % BLOCK);
    }
  } finally {
    await reader.stop();
  }
}

class Content {
  readonly #reader: ByteReader;
  #left: number;

  constructor(reader: ByteReader, size: number) {
    this.#reader = reader;
    this.#left = size;
  }

  async *rest(): AsyncGenerator<Buffer, void> {
    while (this.#left > 0) {
      const bytes = await this.#reader.some(this.#left);
      if (bytes === undefined) throw damagedArchive('it ends too early');
      this.#left -= bytes.length;
      yield bytes;
    }
  }

  async skip(): Promise<void> {
    for await (const _ of this.rest());
  }
}

/** The next header; undefined at the end, which only empty blocks can announce. */
async function blockAfterPadding(reader: ByteReader): Promise<Buffer | undefined> {
  for (let padding = 0; padding <= MOST_PADDING_BYTES; padding += BLOCK) {
    const isOver = padding > 0 && (await reader.isAtEnd());
    if (isOver) return undefined;
    const block = await reader.exactly(BLOCK);
    if (!block.equals(EMPTY_BLOCK)) return block;
  }
  throw damagedArchive('nothing but padding comes');
}

function decode(block: Buffer, extended: Pax | undefined): Omit<UntrustedEntry, 'body'> {
  let header: Header;
  try {
    header = new Header(block, 0, extended);
  } catch (error) {
    throw damagedArchive((error as Error).message);
  }
  const { cksumValid, path = '', type, size, mtime, linkpath } = header;
  if (!cksumValid) throw damagedArchive('a header does not match its checksum');
  if (size === undefined || !Number.isSafeInteger(size)) throw damagedArchive('a header without a size');
  return {
    path,
    type,
    size,
    ...(mtime === undefined ? {} : { mtime }),
    ...(linkpath === undefined ? {} : { linkpath }),
  };
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
