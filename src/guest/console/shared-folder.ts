/** Files by the folder that the guest shares with this host, where there is one: many times as fast as the line. */
import type { FileShare } from '../channel.ts';
import { quotePosix } from '../shell/quote.ts';
import { sealOf } from './seal.ts';
import type { ConsoleServer } from './server.ts';
import type { ServerTools } from './server-tools.ts';

/** Answered instead of a seal. */
const NO_PIECE: ReadonlySet<string> = new Set(['missing', 'empty', 'failed']);

export interface SharedPiece {
  /** As `part` answers. */
  state: 'missing' | 'empty' | 'whole';
  data: Buffer;
}

/** Whatever fails in it turns it off: the line does the same, more slowly. */
export class SharedFolder {
  readonly #share: FileShare | undefined;
  #state: 'unknown' | 'mounted' | 'off';

  constructor(share: FileShare | undefined) {
    this.#share = share;
    this.#state = share ? 'unknown' : 'off';
  }

  /** Bytes of the largest piece. */
  get most(): number {
    return this.#share?.most ?? 0;
  }

  /** It may be had, but nobody has tried yet. */
  get isUntried(): boolean {
    return this.#state === 'unknown';
  }

  get isMounted(): boolean {
    return this.#state === 'mounted';
  }

  /** Tries once; a guest without 9p, or a user who may not mount, says no. A guest may come from its state with it mounted. */
  async mount(server: ConsoleServer, signal: AbortSignal): Promise<boolean> {
    if (this.#share && this.isUntried) {
      const { text } = await server.ask(`share ${quotePosix(this.#share.tag)}`, signal);
      this.#state = text === 'ok' ? 'mounted' : 'off';
    }
    return this.isMounted;
  }

  /**
   * A piece of a guest's file; undefined when it has to come by the line.
   * @param path a word of the guest's shell.
   */
  async read(
    path: string,
    { offset, length }: { offset: number; length: number },
    { server, tools }: { server: ConsoleServer; tools: Pick<ServerTools, 'seal'> },
    signal: AbortSignal,
  ): Promise<SharedPiece | undefined> {
    const { text } = await server.ask(`lend ${path} ${offset} ${length}`, signal);
    if (text === 'missing' || text === 'empty') return { state: text, data: Buffer.alloc(0) };
    const data = NO_PIECE.has(text) ? undefined : await this.#orOff((share) => share.take(signal), signal);
    const isWhole = data && data.length <= length && text.startsWith(sealOf(tools.seal, data));
    if (isWhole) return { state: 'whole', data };
    this.#state = 'off';
    return undefined;
  }

  /**
   * Appends to a guest's file. False when that has to be done by the line; nothing was appended then.
   * @param path a word of the guest's shell.
   * @returns `failed` when the guest cannot write the file.
   */
  async append(
    path: string,
    data: Buffer,
    { server, tools }: { server: ConsoleServer; tools: Pick<ServerTools, 'seal'> },
    signal: AbortSignal,
  ): Promise<'ok' | 'failed' | undefined> {
    const isPut = await this.#orOff(async (share) => {
      await share.put(data, signal);
      return true;
    }, signal);
    if (!isPut) return undefined;
    const { text } = await server.ask(`fetch ${path} '${sealOf(tools.seal, data)}'`, signal);
    if (text === 'ok' || text === 'failed') return text;
    this.#state = 'off';
    return undefined;
  }

  async #orOff<T>(work: (share: FileShare) => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    try {
      return this.#share && (await work(this.#share));
    } catch {
      signal.throwIfAborted();
      this.#state = 'off';
      return undefined;
    }
  }
}
