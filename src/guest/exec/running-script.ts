/** A script that runs in the guest, on a process of its own on the host. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { abortable } from '../../host/abortable.ts';
import type { GuestExit } from '../channel.ts';
import { connectionLost } from '../lost.ts';
import { AfterMark } from '../ssh/boot.ts';
import { Tail } from '../transport.ts';
import type { ExecProcess } from './link.ts';
import { UntilMark } from './until-mark.ts';

/** For a program that has nothing more to do to end by itself. */
const LEAVE_MS = 500;
/** Silence after its end, when something that it started still holds its stdout open. */
const DRAIN_MS = 1_000;

/** A stream that was destroyed has come to its end. */
const CUT = () => ({ done: true, value: undefined }) as const;

export interface Marks {
  begin: string;
  end: string;
}

/** Its stdout must be read (`chunks`), or it stands still. */
export class RunningScript {
  readonly #process: ExecProcess;
  readonly #begin: AfterMark;
  readonly #stdout: UntilMark;
  readonly #stderr: UntilMark;
  /** All of stderr, whosever it is: it tells why there is no answer. */
  readonly #said = new Tail(4 * 1024);
  readonly #stderrDone: Promise<void>;
  /** Resolves when the script takes no input any more. */
  readonly #deaf: Promise<unknown>;
  #onStderr: (chunk: Buffer) => void = () => {};
  #hear: () => void = () => {};
  #lastChunk = 0;

  constructor(process: ExecProcess, marks: Marks) {
    this.#process = process;
    this.#begin = new AfterMark(marks.begin);
    this.#stdout = new UntilMark(marks.end);
    this.#stderr = new UntilMark(marks.end);
    const heard = new Promise<void>((resolve) => {
      this.#hear = resolve;
    });
    this.#deaf = Promise.race([heard, process.ended]);
    // A program that has ended takes no input; its end is what counts.
    process.stdin.on('error', () => {});
    process.stdout.on('error', () => {});
    void process.ended.then(() => this.#drain());
    this.#stderrDone = new Promise((resolve) => {
      process.stderr.on('error', () => resolve());
      process.stderr.on('end', () => resolve());
      process.stderr.on('data', (chunk: Buffer) => {
        this.#said.push(chunk);
        const own = this.#stderr.take(chunk);
        if (own.length > 0) this.#onStderr(own);
        if (this.#stderr.exitCode !== undefined) resolve();
      });
    });
  }

  onStderr(listener: (chunk: Buffer) => void): void {
    this.#onStderr = listener;
  }

  /**
   * Its stdout, as fast as it is taken, and how it ended. Children that it left behind and that hold the streams open
   * are not waited for: the marks come from the script itself.
   * @throws VmtestError `GUEST_CONNECTION_LOST` when the streams end before the script has.
   */
  async *chunks(signal: AbortSignal): AsyncGenerator<Buffer, GuestExit> {
    const all = this.#process.stdout[Symbol.asyncIterator]();
    while (this.#stdout.exitCode === undefined) {
      const { done, value } = await abortable(all.next().catch(CUT), signal);
      if (done) throw await this.#lost();
      this.#lastChunk = performance.now();
      const own = this.#stdout.take(this.#begin.take(value as Buffer));
      if (own.length > 0) yield own;
    }
    this.#hear();
    await abortable(this.#stderrDone, signal);
    return { exitCode: this.#stdout.exitCode };
  }

  /** Gives it its input. Resolves when that is written, or no longer wanted; rejects when the source fails. */
  async feed(script: string, input: Readable | Buffer | undefined): Promise<void> {
    const { stdin } = this.#process;
    stdin.write(`${script}\n`);
    if (input === undefined || Buffer.isBuffer(input)) {
      stdin.end(input);
      return;
    }
    for await (const chunk of input) {
      if (stdin.destroyed) return;
      const drained = stdin.write(chunk) || once(stdin, 'drain').catch(() => {});
      if (drained !== true) await Promise.race([drained, this.#deaf]);
    }
    stdin.end();
  }

  /** @param atOnce when there is no answer to wait for. */
  hangUp(atOnce: boolean): void {
    const { stdin, stdout, stderr, ended } = this.#process;
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    if (atOnce) this.#process.end();
    else void Promise.race([ended, delay(LEAVE_MS)]).then(() => this.#process.end());
  }

  /** Cuts off a stdout that a program which has ended left to others. */
  async #drain(): Promise<void> {
    const { stdout } = this.#process;
    const ended = performance.now();
    const isQuiet = () => performance.now() - Math.max(ended, this.#lastChunk) >= DRAIN_MS;
    while (!stdout.destroyed && (stdout.readableLength > 0 || !isQuiet())) await delay(DRAIN_MS / 4);
    stdout.destroy();
  }

  async #lost(): Promise<Error> {
    const how = await Promise.race([this.#process.ended, delay(LEAVE_MS, 'its stdout was closed')]);
    const noise = [this.#begin.noise.toString(), this.#said.text].join('\n').trim();
    return connectionLost([how, noise.split('\n').at(-1)?.trim()].filter(Boolean).join(': '));
  }
}
