/** A guest file that a running program writes to. */
import { VmtestError } from '../../host/errors.ts';
import type { AgentLink } from '../channel.ts';
import { notKept } from './not-kept.ts';

/** Mostly there is little news, and QEMU's agent prepares room for all that is asked for. */
const FIRST_BYTES = 64 * 1024;

export class GrowingFile {
  readonly #link: AgentLink;
  readonly #path: string;
  #offset = 0;

  constructor(link: AgentLink, path: string) {
    this.#link = link;
    this.#path = path;
  }

  get bytesRead(): number {
    return this.#offset;
  }

  /**
   * What has been written since the last call. A child that the program left behind may go on writing for ever, so
   * this ends as soon as it has caught up.
   * @param programEnded false: the file may still be missing.
   */
  async *news(programEnded: boolean, signal: AbortSignal): AsyncGenerator<Buffer, void> {
    for (let asked = FIRST_BYTES; ; asked = this.#link.chunk) {
      let piece: Buffer;
      try {
        piece = await this.#link.read(this.#path, this.#offset, asked, signal);
      } catch (error) {
        if (this.#offset > 0 || !isMissing(error)) throw error;
        if (!programEnded) return;
        throw notKept(String(error), error);
      }
      this.#offset += piece.length;
      if (piece.length > 0) yield piece;
      if (piece.length < asked) return;
    }
  }
}

/** Whatever an engine calls it: anything but a loss, or a ban on reading at all. */
function isMissing(error: unknown): boolean {
  return error instanceof VmtestError && !error.retryable && error.code !== 'GUEST_AGENT_DISABLED';
}
