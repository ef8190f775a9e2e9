/**
 * Trees on their way between this host and a script. Not as tar: Windows has a `tar.exe` since 2018 only, and that one takes
 * names for the system's old code page. Each entry is a heading that .NET's BinaryReader knows how to read, then the bytes.
 */
import { Readable } from 'node:stream';
import { ByteReader, damagedArchive } from '../transfer/byte-reader.ts';
import { tarEntries } from '../transfer/tar-entries.ts';
import { END_OF_ARCHIVE, encodeTarHeader, paddingAfter } from '../transfer/tar-header.ts';

/** For `unpack.ps1`: folders and files in the archive's order, then the links. */
export function framesOf(tar: Readable): Readable {
  return Readable.from(frames(tar), { objectMode: false });
}

async function* frames(tar: Readable): AsyncGenerator<Buffer, void> {
  const links: Buffer[] = [];
  for await (const { path, type, size, mtime, linkpath, body } of tarEntries(tar)) {
    const name = path.replace(/^(\.\/)+|\/+$/g, '');
    if (name === '' || name === '.') continue;
    if (type === 'Directory') yield text('folder', name);
    else if (type === 'SymbolicLink') links.push(text('link', name, linkpath ?? ''));
    else {
      yield Buffer.concat([text('file', name), long(Math.floor((mtime?.getTime() ?? 0) / 1000)), long(size)]);
      yield* body();
    }
  }
  yield* links;
  yield text('end');
}

/** For `pack.ps1`'s stdin. */
export function namesOf(files: readonly string[]): Buffer {
  return text(...files);
}

/**
 * The tar archive of what `pack.ps1` prints. The guest names files by their place in the list, so it cannot name others.
 * @throws VmtestError `GUEST_ARCHIVE_DAMAGED`
 */
export async function* tarOfFrames(
  printed: AsyncGenerator<Buffer, void>,
  files: readonly string[],
): AsyncGenerator<Buffer, void> {
  const reader = new ByteReader(printed);
  try {
    for (;;) {
      const heading = await line(reader);
      if (heading === 'end') break;
      const [, place = '', bytes = ''] = /^(\d+) (\d+)$/.exec(heading) ?? [];
      const name = files[Number(place)];
      const size = Number(bytes);
      if (place === '' || name === undefined) throw damagedArchive('a heading makes no sense');
      yield encodeTarHeader({ path: `./${name}`, type: 'File', mode: 0o644, size, mtime: new Date(0) });
      yield* take(reader, size);
      yield paddingAfter(size);
    }
    // How the script ended is told behind the last byte.
    if (!(await reader.isAtEnd())) throw damagedArchive('more comes than was announced');
    yield END_OF_ARCHIVE;
  } finally {
    await reader.stop();
  }
}

/** Place and size of a file are far shorter. */
const MOST_HEADING = 40;

async function line(reader: ByteReader): Promise<string> {
  let text = '';
  while (text.length < MOST_HEADING) {
    const character = (await reader.exactly(1)).toString('latin1');
    if (character === '\n') return text;
    text += character;
  }
  throw damagedArchive('a heading has no end');
}

async function* take(reader: ByteReader, size: number): AsyncGenerator<Buffer, void> {
  for (let left = size; left > 0; ) {
    const bytes = await reader.some(left);
    if (bytes === undefined) throw damagedArchive('it ends too early');
    left -= bytes.length;
    yield bytes;
  }
}

/** As `ReadString` takes them: the length in groups of seven bits, the lowest first, then UTF-8. */
function text(...words: readonly string[]): Buffer {
  return Buffer.concat(
    words.flatMap((word) => {
      const bytes = Buffer.from(word);
      const length: number[] = [];
      for (let left = bytes.length; ; left >>>= 7) {
        length.push(left > 127 ? (left & 127) | 128 : left);
        if (left <= 127) return [Buffer.from(length), bytes];
      }
    }),
  );
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}
