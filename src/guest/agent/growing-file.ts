/** A guest file that a running program writes to. */
import { VmtestError } from '../../host/errors.ts';
import type { AgentLink } from '../channel.ts';

export class GrowingFile {
  readonly #link: AgentLink;
  readonly #path: string;
  #offset = 0;

  constructor(link: AgentLink, path: string) {
    this.#link = link;
    this.#path = path;
  }

  /**
   * What has been written since the last call. A child that the program left behind may go on writing for ever, so
   * this ends as soon as it has caught up.
   * @param programEnded false: the file may still be missing.
   */
  async *news(programEnded: boolean, signal: AbortSignal): AsyncGenerator<Buffer, void> {
    const { chunk } = this.#link;
    let piece: Buffer;
    do {
      try {
        piece = await this.#link.read(this.#path, this.#offset, chunk, signal);
      } catch (error) {
        if (!programEnded && this.#offset === 0 && mayComeYet(error)) return;
        throw error;
      }
      this.#offset += piece.length;
      if (piece.length > 0) yield piece;
    } while (piece.length === chunk);
  }
}

function mayComeYet(error: unknown): boolean {
  return error instanceof VmtestError && !error.retryable && error.code !== 'GUEST_AGENT_DISABLED';
}
