/** Files of the output folder for the page: the head and the tail of texts, small pictures whole. */
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

export interface Ends {
  text: string;
  /** Bytes of the whole. */
  size: number;
  cut: boolean;
}

const NEWLINE = 0x0a;

export class OutputFiles {
  readonly #folder: string;
  readonly #root: Promise<string>;

  /** @param folder the output folder. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#root = realpath(folder).catch(() => folder);
  }

  /** Undefined when there is no such file, or when it is no text. What programs printed is text, whatever it holds. */
  async ends(path: string, limit: number, isPrinted = false): Promise<Ends | undefined> {
    return this.#use(path, async (file, size) => {
      if (size <= limit) {
        const bytes = await read(file, 0, size);
        return isPrinted || isText(bytes) ? { text: bytes.toString('utf8'), size, cut: false } : undefined;
      }
      const half = limit >> 1;
      const head = await read(file, 0, half);
      const tail = await read(file, size - half, half);
      if (!isPrinted && !isText(head)) return undefined;
      const first = head.subarray(0, head.lastIndexOf(NEWLINE) + 1 || head.length);
      const last = tail.subarray(Math.max(0, tail.indexOf(NEWLINE) + 1));
      const missing = (size - first.length - last.length).toLocaleString('en');
      return { text: `${first}\n[… ${missing} bytes left out …]\n\n${last}`, size, cut: true };
    });
  }

  /** A picture as a data address; undefined when it is no PNG, or too large. */
  async png(path: string, limit: number): Promise<string | undefined> {
    return this.#use(path, async (file, size) => {
      if (size > limit) return undefined;
      const bytes = await read(file, 0, size);
      if (bytes.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') return undefined;
      return `data:image/png;base64,${bytes.toString('base64')}`;
    });
  }

  /** Only regular files that really lie in the folder: results of other programs may name anything. */
  async #use<T>(path: string, work: (file: FileHandle, size: number) => Promise<T>): Promise<T | undefined> {
    try {
      const real = await realpath(join(this.#folder, path));
      if (!real.startsWith((await this.#root) + sep)) return undefined;
      await using file = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      const stats = await file.stat();
      return stats.isFile() ? await work(file, stats.size) : undefined;
    } catch {
      return undefined;
    }
  }
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** As git judges it: no NUL near the beginning. */
function isText(bytes: Buffer): boolean {
  return !bytes.subarray(0, 8_000).includes(0);
}
