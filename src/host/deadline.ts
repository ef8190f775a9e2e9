/**
 * Deadlines. Every wait of this program has one, and the first reason for ending wins.
 *
 * `AbortSignal.any` is avoided on purpose: a long-lived parent signal would hold on to one dependent a phase of every
 * cell (a known growth in Node 20), so the link to the parent is a listener that is taken off again.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { timeoutError } from './errors.ts';

const NOTICE_MS = 5_000;

export interface LinkedSignal {
  signal: AbortSignal;
  abort(reason: unknown): void;
  /** Takes the listener off the parent and stops the timer. */
  unlink(): void;
}

/** A signal that aborts with its parent, when told to, or when `ms` have passed (with a `TIMEOUT` naming `what`). */
export function linkSignal(parent: AbortSignal, deadline?: { ms: number; what: string }): LinkedSignal {
  const controller = new AbortController();
  setMaxListeners(0, parent, controller.signal);
  const follow = () => controller.abort(parent.reason);
  const timer = deadline && setTimeout(expire, deadline.ms, controller, deadline);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => {
      clearTimeout(timer);
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
  work: (signal: AbortSignal) => Promise<T>,
  notice: Notice = {},
): Promise<T> {
  parent.throwIfAborted();
  const link = linkSignal(parent, { ms, what });
  try {
    return await settleOrLeave(work(link.signal), link.signal, () =>
      parent.aborted ? (notice.abort ?? NOTICE_MS) : (notice.deadline ?? NOTICE_MS),
    );
  } catch (error) {
    // Whatever the work left running (a loop that polls, a sibling) must not go on for ever.
    link.abort(error);
    throw error;
  } finally {
    link.unlink();
  }
}

/** Sleeps, or throws the signal's reason. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
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

function expire(controller: AbortController, deadline: { ms: number; what: string }): void {
  controller.abort(timeoutError(deadline.what, deadline.ms));
}
