/** What else is printed on a console: text put into the bytes that a guest sends, at places of the test's choice. */
import { Duplex } from 'node:stream';

export interface Noise {
  /** Bytes of the guest's own that come before it, counted from the noise before. */
  after: number;
  text: string;
}

/** The same stream, with each noise in it once. `rest` tells how many are still to come. */
export function withNoise(stream: Duplex, noises: readonly Noise[]): { stream: Duplex; rest(): number } {
  const queue = noises.map((noise) => ({ ...noise }));
  async function* heard(): AsyncGenerator<Buffer> {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let left = chunk;
      for (let next = queue[0]; next && next.after <= left.length; next = queue[0]) {
        yield left.subarray(0, next.after);
        yield Buffer.from(next.text, 'latin1');
        left = left.subarray(next.after);
        queue.shift();
      }
      if (queue[0]) queue[0].after -= left.length;
      yield left;
    }
  }
  const noisy = Duplex.from({ readable: Duplex.from(heard()), writable: stream });
  noisy.on('error', () => {});
  noisy.once('close', () => stream.destroy());
  return { stream: noisy, rest: () => queue.length };
}
