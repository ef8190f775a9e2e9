/** Waiting that ends when a signal says so. */
import { setMaxListeners } from 'node:events';

/** The work's outcome, or the signal's reason if that comes first. The work itself goes on unheard. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {});
  signal.throwIfAborted();
  // Many may wait under one signal.
  setMaxListeners(0, signal);
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
