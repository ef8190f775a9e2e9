/** Guest files through the agent's file handles. Handles of files being read are kept, so that reading on is one call. */
import { VmtestError } from '../../host/errors.ts';
import { type AgentAnswer, type AgentCommand, askAgent } from './qga-answers.ts';
import type { CallOptions, QgaCalls } from './qga-connection.ts';

/** A command's stdout and stderr. Each handle kept holds a file open in the guest. */
const MOST_KEPT = 2;

interface ReadHandle {
  path: string;
  handle: number;
  position: number;
}

export class QgaFiles {
  readonly #connection: QgaCalls;
  /** Oldest first. */
  #kept: ReadHandle[] = [];

  constructor(connection: QgaCalls) {
    this.#connection = connection;
  }

  async read(path: string, offset: number, length: number, options: CallOptions): Promise<Buffer> {
    const kept = this.#kept.find((each) => each.path === path);
    if (kept === undefined) return this.#readFrom(await this.#open(path, options), offset, length, options);
    try {
      return await this.#readFrom(kept, offset, length, options);
    } catch (error) {
      // An agent that was restarted knows no handles of before.
      if (!(error instanceof VmtestError) || error.code !== 'GUEST_AGENT_REFUSED') throw error;
      this.#kept = this.#kept.filter((each) => each !== kept);
      return this.#readFrom(await this.#open(path, options), offset, length, options);
    }
  }

  async write(
    path: string,
    data: Buffer,
    append: boolean,
    chunk: number,
    options: CallOptions,
  ): Promise<void> {
    const handle = await this.#call('guest-file-open', { path, mode: append ? 'a' : 'w' }, options);
    try {
      for (let at = 0; at < data.length; ) {
        const piece = data.subarray(at, at + chunk).toString('base64');
        const { count } = await this.#call('guest-file-write', { handle, 'buf-b64': piece }, options);
        if (count <= 0)
          throw new VmtestError('GUEST_AGENT_REFUSED', `the guest agent wrote nothing to ${path}`);
        at += count;
      }
    } finally {
      // Closing flushes: its error is the disk's.
      await this.#call('guest-file-close', { handle }, options);
    }
  }

  async close(options: CallOptions): Promise<void> {
    for (const { handle } of this.#kept.splice(0)) await this.#call('guest-file-close', { handle }, options);
  }

  async #open(path: string, options: CallOptions): Promise<ReadHandle> {
    const oldest = this.#kept.length >= MOST_KEPT ? this.#kept.shift() : undefined;
    if (oldest) await this.#call('guest-file-close', { handle: oldest.handle }, options);
    const handle = await this.#call('guest-file-open', { path, mode: 'r' }, options);
    const opened = { path, handle, position: 0 };
    this.#kept.push(opened);
    return opened;
  }

  async #readFrom(from: ReadHandle, offset: number, length: number, options: CallOptions): Promise<Buffer> {
    const { handle } = from;
    if (from.position !== offset) await this.#call('guest-file-seek', { handle, offset, whence: 0 }, options);
    const answer = await this.#call('guest-file-read', { handle, count: length }, options);
    const data = Buffer.from(answer['buf-b64'], 'base64');
    from.position = offset + data.length;
    return data;
  }

  #call<K extends AgentCommand>(command: K, args: object, options: CallOptions): Promise<AgentAnswer<K>> {
    return askAgent(this.#connection, command, args, options);
  }
}
