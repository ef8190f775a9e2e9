/** Pieces of guest files. Tools copy whole files only, so a piece is cut out in the guest first; what came is kept for the next look. */
import { quotePosix } from '../../../src/guest/shell/quote.ts';
import { VmtestError } from '../../../src/host/errors.ts';
import type { GuestCommands } from './guest-commands.ts';

/** Bytes fetched at once, so that reading on costs nothing for a while. */
const AHEAD = 4 * 1024 * 1024;
/** A command's stdout and stderr. */
const MOST_KEPT = 2;

const MISSING = 3;
const NOTHING_NEW = 4;

interface Piece {
  at: number;
  bytes: Buffer;
  /** The file ends here, and its program has ended. */
  whole: boolean;
}

export class GuestReader {
  readonly #guest: GuestCommands;
  readonly #slice: string;
  readonly #kept = new Map<string, Piece>();

  /** @param slice path in the guest for the piece that is on its way. */
  constructor(guest: GuestCommands, slice: string) {
    this.#guest = guest;
    this.#slice = slice;
  }

  async read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const kept = this.#kept.get(path);
    if (kept && offset >= kept.at) {
      const piece = kept.bytes.subarray(offset - kept.at, offset - kept.at + length);
      if (kept.whole || piece.length === length) return piece;
    }
    const bytes = await this.#fetch(path, offset, Math.max(length, AHEAD), signal);
    this.#keep(path, { at: offset, bytes, whole: false });
    return bytes.subarray(0, length);
  }

  /** The beginning of a file, which came along with the end of its program. */
  keep(path: string, bytes: Buffer, whole: boolean): void {
    this.#keep(path, { at: 0, bytes, whole });
  }

  forget(path: string): void {
    this.#kept.delete(path);
  }

  async #fetch(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const file = quotePosix(path);
    const script = [
      `[ -f ${file} ] || exit ${MISSING}`,
      `tail -c +${offset + 1} ${file} | head -c ${length} >${this.#slice}`,
      `[ -s ${this.#slice} ] || exit ${NOTHING_NEW}`,
    ].join('\n');
    const exit = await this.#guest.script(script, `reading ${path} in the guest`, signal);
    if (exit === NOTHING_NEW) return Buffer.alloc(0);
    if (exit !== 0)
      throw new VmtestError('GUEST_AGENT_REFUSED', `the guest has no file ${path}, or cannot read it`);
    return this.#guest.copyOut(this.#slice, signal);
  }

  #keep(path: string, piece: Piece): void {
    this.#kept.delete(path);
    this.#kept.set(path, piece);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}
