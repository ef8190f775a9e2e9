/** Tells how far a long stream has come, now and then. Short ones end before there is anything to tell. */
import { pipeline, type Readable, Transform } from 'node:stream';
import type { Bytes } from '../results/events.ts';

/** Milliseconds between two tellings: often enough for a bar that moves, seldom enough to cost nothing. */
const INTERVAL = 250;

/**
 * The same stream, watched: an error or an early end on either side reaches the other.
 * @param total bytes that will come, when known.
 * @param now milliseconds, for tests.
 */
export function watchBytes(
  stream: Readable,
  total: number | undefined,
  tell: (bytes: Bytes) => void,
  now: () => number = () => performance.now(),
): Readable {
  let done = 0;
  let told = now();
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      done += chunk.length;
      if (now() - told >= INTERVAL) {
        told = now();
        tell(total === undefined ? { done } : { done, total });
      }
      pass(null, chunk);
    },
  });
  // Whoever reads the counter is told of errors by it.
  return pipeline(stream, counter, () => {});
}
