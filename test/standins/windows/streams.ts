/** Streams of .NET on this host's files, and the readers of bytes on them. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { PsError } from '../powershell/runtime/errors.ts';
import { PsObject, type Value } from '../powershell/runtime/values.ts';

/** An open file or pipe. `Stream.Null` has no descriptor. */
export class Stream extends PsObject {
  readonly descriptor: number | undefined;

  constructor(descriptor: number | undefined) {
    super(
      'Stream',
      {},
      {
        methods: {
          Write: (bytes = null, from = 0, length = 0) => {
            this.write((bytes as Uint8Array).subarray(Number(from), Number(from) + Number(length)));
            return [];
          },
          Flush: () => [],
          Close: () => {
            if (descriptor !== undefined) closeSync(descriptor);
            return [];
          },
        },
      },
    );
    this.descriptor = descriptor;
  }

  override get(name: string): Value {
    if (name.toLowerCase() === 'length' && this.descriptor !== undefined)
      return fstatSync(this.descriptor).size;
    return super.get(name);
  }

  write(bytes: Uint8Array): void {
    for (let rest = bytes; this.descriptor !== undefined && rest.length > 0; ) {
      try {
        rest = rest.subarray(writeSync(this.descriptor, rest));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
    }
  }

  /** As many bytes as are asked for, fewer at the end only. */
  read(length: number): Uint8Array {
    const bytes = Buffer.alloc(length);
    let got = 0;
    while (got < length) {
      try {
        const more = readSync(this.descriptor as number, bytes, got, length - got, null);
        if (more === 0) break;
        got += more;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EOF') break;
        if (code !== 'EAGAIN') throw error;
      }
    }
    return bytes.subarray(0, got);
  }
}

export function openFile(path: string, flags: string): Stream {
  return new Stream(ioError(() => openSync(path, flags)));
}

/** Failures of files as a script can catch them. */
export function ioError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new PsError((error as Error).message, 'IOException', 'NotSpecified', 'System.IO.IOException');
  }
}

export function binaryReader(stream: Stream): PsObject {
  const exactly = (length: number) => {
    const bytes = Buffer.from(stream.read(length));
    if (bytes.length === length) return bytes;
    throw new PsError('Unable to read beyond the end of the stream.', 'EndOfStreamException');
  };
  const readString = () => {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = exactly(1).readUInt8();
      length |= (byte & 127) << shift;
      if (byte < 128) return exactly(length).toString('utf8');
    }
  };
  return new PsObject(
    'BinaryReader',
    {},
    {
      methods: {
        ReadBytes: (length = 0) => stream.read(Number(length)),
        ReadString: readString,
        ReadInt64: () => Number(exactly(8).readBigInt64LE()),
      },
    },
  );
}
