/**
 * Deadlines. Every wait of this program has one, and the first reason for ending wins.
 *
 * `AbortSignal.any` is avoided on purpose: a long-lived parent signal would hold on to one dependent a phase of every
 * cell (a known growth in Node 20), so the link to the parent is a listener that is taken off again.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { timeoutError } from './errors.ts';
import { isPartOf, waitedFor, waitsFor } from './waits.ts';

/** Stops a deadline's clock, for a wait that it is not meant for. Answers what lets it run on. */
export type Hold = () => () => void;

const NOTICE_MS = 5_000;

export interface LinkedSignal {
  signal: AbortSignal;
  abort(reason: unknown): void;
  /** Not to be called again before it was let go. */
  hold: Hold;
  /** Takes the listener off the parent and stops the timer. */
  unlink(): void;
}

/** A signal that aborts with its parent, when told to, or when `ms` have passed: with a `TIMEOUT` naming `what`, and what it waited for. */
export function linkSignal(parent: AbortSignal, deadline?: { ms: number; what: string }): LinkedSignal {
  const controller = new AbortController();
  setMaxListeners(0, parent, controller.signal);
  isPartOf(controller.signal, parent);
  const follow = () => controller.abort(parent.reason);
  const timer = deadline && new Timer(deadline.ms, () => expire(controller, deadline));
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    hold: () => {
      timer?.stop();
      return () => timer?.start();
    },
    unlink: () => {
      timer?.stop();
      parent.removeEventListener('abort', follow);
    },
  };
}

/** How long work may take to settle after its signal has aborted, before its promise is left behind. Milliseconds. */
export interface Notice {
  /** After its own deadline. Default: 5 s. */
  deadline?: number;
  /** After its parent's abort. Default: 5 s. */
  abort?: number;
}

/**
 * Runs work under a deadline. The work gets a signal; when that aborts, it has a short notice to tidy up and settle,
 * after which the signal's reason is thrown whatever the work does.
 */
export async function withDeadline<T>(
  parent: AbortSignal,
  ms: number,
  what: string,
  work: (signal: AbortSignal, hold: Hold) => Promise<T>,
  notice: Notice = {},
): Promise<T> {
  parent.throwIfAborted();
  const link = linkSignal(parent, { ms, what });
  const waited = waitsFor(parent, what);
  try {
    return await settleOrLeave(work(link.signal, link.hold), link.signal, () =>
      parent.aborted ? (notice.abort ?? NOTICE_MS) : (notice.deadline ?? NOTICE_MS),
    );
  } catch (error) {
    // Whatever the work left running (a loop that polls, a sibling) must not go on for ever.
    link.abort(error);
    throw error;
  } finally {
    waited();
    link.unlink();
  }
}

/**
 * Sleeps, or throws the signal's reason.
 * @param what is waited for meanwhile, between two looks: for the words of the deadline that ends it.
 */
export async function sleep(ms: number, signal?: AbortSignal, what?: string): Promise<void> {
  // Many may wait under one signal, and each takes its listener off again: Node's alarm at the eleventh would be false.
  if (signal) setMaxListeners(0, signal);
  const waited = what === undefined ? undefined : waitsFor(signal, what);
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    waited?.();
  }
}

/** Resolves or rejects with the work; rejects with the signal's reason if the work ignores an abort for too long. */
async function settleOrLeave<T>(work: Promise<T>, signal: AbortSignal, noticeMs: () => number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let leave: (() => void) | undefined;
  const left = new Promise<never>((_resolve, reject) => {
    leave = () => {
      timer = setTimeout(() => reject(signal.reason), noticeMs());
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
  });
  try {
    return await Promise.race([work, left]);
  } catch (error) {
    // Work that was cut off often dies of the cut (a closed socket); the reason for the cut is the better error.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    if (leave) signal.removeEventListener('abort', leave);
    work.catch(() => {});
  }
}

/** Counts down while it runs. */
class Timer {
  readonly #expire: () => void;
  #left: number;
  #since = 0;
  #timeout: NodeJS.Timeout | undefined;

  constructor(ms: number, expire: () => void) {
    this.#left = ms;
    this.#expire = expire;
    this.start();
  }

  start(): void {
    this.#since = performance.now();
    this.#timeout = setTimeout(this.#expire, this.#left);
  }

  stop(): void {
    clearTimeout(this.#timeout);
    this.#left = Math.max(0, this.#left - (performance.now() - this.#since));
  }
}

function expire(controller: AbortController, { what, ms }: { ms: number; what: string }): void {
  controller.abort(timeoutError(what, ms, {}, waitedFor(controller.signal)));
}
