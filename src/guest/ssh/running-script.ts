/** A script that runs in the guest, on an SSH channel of its own. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { abortable } from '../../host/abortable.ts';
import type { VmtestError } from '../../host/errors.ts';
import type { GuestExit, GuestIo } from '../channel.ts';
import type { AfterMark } from './boot.ts';

/**
 * How long output is waited for after the script itself has ended: a background child that inherited stdout keeps the
 * channel open for as long as it lives. What is still on its way comes without such pauses.
 */
const DRAIN_QUIET_MS = 1_500;
const DRAIN_MOST_MS = 5_000;

/** Its outputs must be read (`listen` or `chunks`), or it stands still. */
export class RunningScript {
  /** How it ended; rejects when that was never told: a lost connection, or a server that breaks off. */
  readonly exited: Promise<GuestExit>;
  readonly #channel: ClientChannel;
  readonly #stdout: AfterMark;
  /** Resolves when all output has come, or can come no more. */
  readonly #closed: Promise<void>;
  #isClosed = false;
  #heard = 0;

  constructor(channel: ClientChannel, stdout: AfterMark, lost: () => VmtestError) {
    this.#channel = channel;
    this.#stdout = stdout;
    this.#closed = new Promise((resolve) => channel.once('close', () => resolve()));
    this.exited = new Promise((resolve, reject) => {
      const tell = (code: number | null, name?: string) => {
        resolve(code === null ? { signal: name ?? 'unknown' } : { exitCode: code });
      };
      channel.once('exit', tell);
      channel.once('close', (code?: number | null, name?: string) => {
        this.#isClosed = true;
        // Tells the exit again, which may have come together with the channel, before anyone could listen.
        if (code === undefined) reject(lost());
        else tell(code, name);
      });
    });
    this.exited.catch(() => {});
  }

  listen(io: GuestIo): void {
    this.#channel.on('data', (chunk: Buffer) => {
      this.#heard = performance.now();
      const own = this.#stdout.take(chunk);
      if (own.length > 0) io.onStdout(own);
    });
    this.onStderr((chunk) => {
      this.#heard = performance.now();
      io.onStderr(chunk);
    });
  }

  onStderr(listener: (chunk: Buffer) => void): void {
    this.#channel.stderr.on('data', listener);
  }

  /** Its stdout, as fast as it is taken. */
  async *chunks(signal: AbortSignal): AsyncGenerator<Buffer, void> {
    const all = this.#channel[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await abortable(all.next(), signal);
      if (done) return;
      const own = this.#stdout.take(value as Buffer);
      if (own.length > 0) yield own;
    }
  }

  /**
   * Gives it its input. Resolves when that is written, or no longer wanted; rejects when the source fails. A write to a
   * channel that was closed meanwhile is never acknowledged, so every wait ends with the channel as well.
   */
  async feed(input: Readable | Buffer | undefined): Promise<void> {
    if (input === undefined || Buffer.isBuffer(input)) {
      this.#channel.end(input);
      return;
    }
    for await (const chunk of input) {
      if (this.#isClosed) return;
      if (!this.#channel.write(chunk)) await Promise.race([once(this.#channel, 'drain'), this.#closed]);
    }
    this.#channel.end();
  }

  /** Waits after the exit for the rest of the output. */
  async drained(): Promise<void> {
    const exit = performance.now();
    const done = new AbortController();
    void this.#closed.then(() => done.abort());
    for (;;) {
      const quietSince = Math.max(this.#heard, exit);
      const left = Math.min(quietSince + DRAIN_QUIET_MS, exit + DRAIN_MOST_MS) - performance.now();
      if (left <= 0 || done.signal.aborted) return;
      await delay(left, undefined, { signal: done.signal }).catch(() => {});
    }
  }

  /** The processes in the guest are not ended by this, but for those that still read or write. */
  hangUp(): void {
    this.#channel.close();
  }
}
