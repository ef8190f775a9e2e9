/**
 * One connection to a QEMU guest agent: one command at a time, each with a deadline, and back in step after any that was
 * given up. The agent answers in order and without ids, so an answer that nobody waited for would pass for that of the
 * next command; `guest-sync-delimited` tells them apart.
 */
import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { abortable } from '../../host/abortable.ts';
import { linkSignal } from '../../host/deadline.ts';
import type { VmtestError } from '../../host/errors.ts';
import { agentLost, agentRefused } from './qga-errors.ts';
import { encodeRequest, QgaReplies, type QgaReply } from './qga-wire.ts';

/** Milliseconds before a sync is sent again; doubles. An agent that is not there swallows what is sent. */
const FIRST_RESYNC_MS = 250;

export interface CallOptions {
  signal: AbortSignal;
  /** Milliseconds, waiting for earlier commands included. */
  deadline: number;
}

/** The agent's commands, however they reach it. Errors as `QgaConnection` has them. */
export interface QgaCalls {
  /** What the agent returns; `qga-answers.ts` knows its shape. */
  call(command: string, args: object | undefined, options: CallOptions): Promise<unknown>;
  /** Resolves when the agent answers. */
  sync(options: CallOptions): Promise<void>;
  readonly lost: VmtestError | undefined;
  close(): void;
}

export class QgaConnection implements QgaCalls {
  readonly #stream: Duplex;
  readonly #replies = new QgaReplies();
  /** Ids of syncs whose answers are still to come, oldest first. Until they have, all other replies are old ones. */
  #syncs: number[] = [];
  #nextSync = randomInt(1, 2 ** 30);
  #inStep = false;
  #onSynced: (() => void) | undefined;
  #onReply: ((reply: QgaReply) => void) | undefined;
  #lost: VmtestError | undefined;
  readonly #ended = new AbortController();
  /** Settles when the command before has. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.on('error', (error) => this.#lose(error.message, error));
    stream.on('close', () => this.#lose('its connection was closed'));
    stream.on('end', () => this.#lose('its connection was closed'));
  }

  get lost(): VmtestError | undefined {
    return this.#lost;
  }

  /**
   * What the agent returns.
   * @throws VmtestError `GUEST_AGENT_LOST` (also when the deadline passes), `GUEST_AGENT_DISABLED`,
   * `GUEST_AGENT_REFUSED`; the signal's reason when it aborts.
   */
  async call(command: string, args: object | undefined, options: CallOptions): Promise<unknown> {
    const reply = await this.#inTurn(command, options, (signal) => this.#exchange(command, args, signal));
    if (reply.error) throw agentRefused(command, reply.error);
    return reply.return;
  }

  /** Back in step: what is answered from now on belongs to what is asked from now on. */
  sync(options: CallOptions): Promise<void> {
    return this.#inTurn('guest-sync', options, (signal) => this.#getInStep(signal));
  }

  close(): void {
    this.#stream.destroy();
    this.#lose('it was closed');
  }

  /** @throws the loss, also when the deadline passes; the signal's reason when it aborts. */
  async #inTurn<T>(
    what: string,
    { signal, deadline }: CallOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const link = linkSignal(signal);
    const timer = setTimeout(
      () => link.abort(agentLost(`${what} was not answered within ${deadline / 1000} s`)),
      deadline,
    );
    const lose = () => link.abort(this.#lost);
    this.#ended.signal.addEventListener('abort', lose, { once: true });
    if (this.#lost) lose();
    try {
      return await this.#afterOthers(link.signal, () => work(link.signal));
    } finally {
      clearTimeout(timer);
      this.#ended.signal.removeEventListener('abort', lose);
      link.unlink();
    }
  }

  async #afterOthers<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#before;
    let done = () => {};
    this.#before = new Promise<void>((resolve) => {
      done = resolve;
    });
    try {
      await abortable(before, signal);
      return await work();
    } finally {
      // A command given up while it waited must not let its successor overtake the one still running.
      void before.then(done);
    }
  }

  async #exchange(command: string, args: object | undefined, signal: AbortSignal): Promise<QgaReply> {
    if (!this.#inStep) await this.#getInStep(signal);
    this.#inStep = false;
    const reply = new Promise<QgaReply>((resolve) => {
      this.#onReply = resolve;
    });
    this.#stream.write(encodeRequest(command, args));
    try {
      const answer = await abortable(reply, signal);
      this.#inStep = true;
      return answer;
    } finally {
      this.#onReply = undefined;
    }
  }

  async #getInStep(signal: AbortSignal): Promise<void> {
    const synced = new Promise<void>((resolve) => {
      this.#onSynced = resolve;
    });
    let resend: NodeJS.Timeout | undefined;
    const send = (pause: number) => {
      const id = this.#nextSync;
      this.#nextSync += 1;
      this.#syncs.push(id);
      this.#stream.write(encodeRequest('guest-sync-delimited', { id }, true));
      resend = setTimeout(send, pause, pause * 2);
    };
    this.#inStep = false;
    try {
      send(FIRST_RESYNC_MS);
      await abortable(synced, signal);
      this.#inStep = true;
    } finally {
      clearTimeout(resend);
      this.#onSynced = undefined;
    }
  }

  #read(chunk: Buffer): void {
    try {
      for (const reply of this.#replies.push(chunk)) this.#take(reply);
    } catch (error) {
      this.#lose('it sent a reply without end', error);
      this.#stream.destroy();
    }
  }

  #take(reply: QgaReply): void {
    if (reply.delimited) {
      const answered = this.#syncs.indexOf(reply.return as number);
      if (answered === -1) return;
      this.#syncs = this.#syncs.slice(answered + 1);
      this.#onSynced?.();
      return;
    }
    if (this.#syncs.length === 0) this.#onReply?.(reply);
  }

  #lose(why: string, cause?: unknown): void {
    this.#lost ??= agentLost(why, cause);
    this.#ended.abort();
  }
}
