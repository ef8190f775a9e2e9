/** Files of a guest by its console: over the line, or by a folder that the guest shares with this host. */
import type { VmtestError } from '../../host/errors.ts';
import type { FileShare } from '../channel.ts';
import { quotePosix } from '../shell/quote.ts';
import { consoleLost, consoleRefused, IS_THERE_ROOM } from './errors.ts';
import type { InStep } from './get-in.ts';
import { AHEAD, decodePart, decodeSmallPart, SMALL_PART } from './part.ts';
import { sealOf } from './seal.ts';
import { SharedFolder } from './shared-folder.ts';
import { encodeBulk, escapeForPrintf } from './wire.ts';

/** Bytes worth reading or writing in one go. */
export const MOST_PIECE = 1024 * 1024;

/** Bytes of a file in one request. Longer ones are no faster, and what aborts has to wait for the end of one. */
const BULK_BYTES = 32 * 1024;
/** Without a decoder: as text for `printf`, which makes four or five characters of most bytes. */
const ESCAPED_BYTES = 2 * 1024;

/** Bytes read in one piece. It adapts: noise costs a whole piece, and each piece costs the guest some programs. */
const PIECE = { first: 64 * 1024, least: 512, most: MOST_PIECE };
/** Milliseconds. A piece that took less may be followed by a larger one. */
const QUICK_MS = 250;
/** Damaged pieces in a row, the last ones as small as can be, after which there is no hope. */
const MOST_DAMAGED = 40;

/** Bytes that come and go by the line, though a folder could be mounted: mounting costs the guest some programs. */
const UNMOUNTED_BYTES = 16 * 1024;

interface Piece {
  data: Buffer;
  /** Bytes. */
  asked: number;
}

export class ConsoleFiles {
  readonly #folder: SharedFolder;
  readonly #known: () => InStep;
  #piece = PIECE.first;
  /** Whole files of programs that have ended, until they are read. */
  readonly #ahead = new Map<string, Buffer>();

  /** @param known the server that is talked to; throws before there is one. */
  constructor(share: FileShare | undefined, known: () => InStep) {
    this.#folder = new SharedFolder(share);
    this.#known = known;
  }

  /**
   * The beginning of a file that nobody writes to any more.
   * @param text as `ahead` tells it.
   */
  expect(path: string, text: string): void {
    if (text === '?') return;
    const data = text === '' ? Buffer.alloc(0) : decodeSmallPart(text, this.#known().tools);
    if (data.length < AHEAD) this.#ahead.set(path, data);
  }

  /** @param path a word of the guest's shell. */
  async read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const known = this.#ahead.get(path);
    if (known && offset <= known.length) {
      this.#ahead.delete(path);
      return known.subarray(offset, offset + length);
    }
    const pieces: Buffer[] = [];
    for (let at = 0; at < length; ) {
      const { data, asked } = await this.#readPiece(path, offset + at, length - at, signal);
      pieces.push(data);
      at += data.length;
      if (data.length < asked) break;
      if (at >= UNMOUNTED_BYTES && at < length) await this.#folder.mount(this.#known().server, signal);
    }
    return Buffer.concat(pieces);
  }

  /** Less than was asked for: the file ends there. */
  async #readPiece(path: string, offset: number, most: number, signal: AbortSignal): Promise<Piece> {
    if (this.#folder.isMounted && offset > 0) {
      const asked = Math.min(this.#folder.most, most);
      const piece = await this.#folder.read(path, { offset, length: asked }, this.#known(), signal);
      if (piece?.state === 'missing') throw noFile(path);
      if (piece) return { data: piece.data, asked };
    }
    return this.#readLine(path, offset, Math.min(this.#linePiece(offset), most), signal);
  }

  /** Most outputs are short, and a folder or a packer costs the guest more than a short text. */
  #linePiece(offset: number): number {
    if (offset === 0 || this.#folder.isMounted) return Math.min(this.#piece, SMALL_PART);
    return this.#folder.isUntried ? Math.min(this.#piece, UNMOUNTED_BYTES) : this.#piece;
  }

  /** The same by the line. */
  async #readLine(path: string, offset: number, length: number, signal: AbortSignal): Promise<Piece> {
    const { server, tools } = this.#known();
    for (let damaged = 0, asked = length; damaged < MOST_DAMAGED; damaged += 1) {
      const began = performance.now();
      const { text, lines } = await server.ask(`part ${path} ${offset} ${asked}`, signal);
      if (text === 'missing') throw noFile(path);
      if (text === 'failed')
        throw consoleRefused(`read ${path}: its own temporary folder cannot be written`, IS_THERE_ROOM);
      if (text === 'empty') return { data: Buffer.alloc(0), asked };
      const data =
        asked <= SMALL_PART
          ? decodeSmallPart(text.replace(/^is /, ''), tools)
          : decodePart(afterBegin(lines), { seal: text, length: asked }, tools);
      if (data) {
        if (asked === this.#piece && performance.now() - began < QUICK_MS)
          this.#piece = Math.min(this.#piece * 2, PIECE.most);
        return { data, asked };
      }
      asked = Math.max(Math.ceil(asked / 2), Math.min(asked, PIECE.least));
      this.#piece = Math.max(asked, PIECE.least);
    }
    throw consoleLost('too much is printed on it');
  }

  /** @param path a word of the guest's shell. */
  async write(path: string, data: Buffer, append: boolean, signal: AbortSignal): Promise<void> {
    const { tools, server } = this.#known();
    if (data.length >= UNMOUNTED_BYTES) await this.#folder.mount(server, signal);
    if (this.#folder.isMounted && data.length > ESCAPED_BYTES)
      return this.#writeShared(path, data, append, signal);
    const bulk = tools.decodes && data.length > ESCAPED_BYTES;
    const size = bulk ? BULK_BYTES : ESCAPED_BYTES;
    if (!append || data.length === 0)
      await this.#writeEscaped(path, data.subarray(0, bulk ? 0 : size), append, signal);
    for (let at = bulk || append ? 0 : size; at < data.length; at += size) {
      const piece = data.subarray(at, at + size);
      await (bulk ? this.#appendBulk(path, piece, signal) : this.#writeEscaped(path, piece, true, signal));
    }
  }

  async #writeShared(path: string, data: Buffer, append: boolean, signal: AbortSignal): Promise<void> {
    if (!append) await this.#writeEscaped(path, Buffer.alloc(0), false, signal);
    for (let at = 0; at < data.length; at += this.#folder.most) {
      const piece = data.subarray(at, at + this.#folder.most);
      const answer = await this.#folder.append(path, piece, this.#known(), signal);
      if (answer === 'failed') throw consoleRefused(`write ${path}`, IS_THERE_ROOM);
      if (!answer) return this.write(path, data.subarray(at), true, signal);
    }
  }

  async #writeEscaped(path: string, data: Buffer, append: boolean, signal: AbortSignal): Promise<void> {
    const text = quotePosix(escapeForPrintf(data));
    const script = `a=failed; { printf %b ${text} >${append ? '>' : ''}${path} && a=ok; } 2>/dev/null`;
    const answer = await this.#known().server.ask(script, signal);
    if (answer.text !== 'ok') throw consoleRefused(`write ${path}`, IS_THERE_ROOM);
  }

  async #appendBulk(path: string, data: Buffer, signal: AbortSignal): Promise<void> {
    const { server, tools } = this.#known();
    const script = `take ${path} '${sealOf(tools.seal, data)}'`;
    const input = encodeBulk(data);
    for (let damaged = 0; damaged < MOST_DAMAGED; damaged += 1) {
      const { text } = await server.ask(script, signal, { input });
      if (text === 'ok') return;
      if (text !== 'again') throw consoleRefused(`write ${path}`, IS_THERE_ROOM);
    }
    throw consoleLost('what is sent does not arrive');
  }
}

function noFile(path: string): VmtestError {
  return consoleRefused(`read ${path}: there is no such file`);
}

/** What stands after the line that announces a part; without one, the answer was repeated, but not the part. */
function afterBegin(lines: readonly string[]): readonly string[] {
  const begin = lines.findLastIndex((line) => /<\w+\.\d+$/.test(line));
  return begin === -1 ? [] : lines.slice(begin + 1);
}
