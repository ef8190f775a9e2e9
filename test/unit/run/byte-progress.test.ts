import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Bytes } from '../../../src/results/events.ts';
import { watchBytes } from '../../../src/run/byte-progress.ts';

/** Each piece takes so many milliseconds. */
function watch(pieces: string[], ms: number, total?: number) {
  const told: Bytes[] = [];
  let now = 0;
  const source = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  const watched = watchBytes(
    source,
    total,
    (bytes) => told.push(bytes),
    () => {
      now += ms;
      return now;
    },
  );
  return { source, watched, told };
}

test('the bytes pass unchanged, and a long stream tells how far it has come', async () => {
  const { watched, told } = watch(['abc', 'de', 'f'], 250, 6);
  expect((await buffer(watched)).toString()).toBe('abcdef');
  expect(told).toEqual(
    [
      { done: 3, total: 6 },
      { done: 5, total: 6 },
      { done: 6, total: 6 },
    ].slice(0, told.length),
  );
  expect(told.length).toBeGreaterThan(0);
});

test('a short stream tells nothing; one of unknown size tells no total', async () => {
  const short = watch(['abc', 'de'], 1);
  await buffer(short.watched);
  expect(short.told).toEqual([]);
  const long = watch(['abc'], 500);
  await buffer(long.watched);
  expect(long.told).toEqual([{ done: 3 }]);
});

test('errors pass in both directions', async () => {
  const { source, watched } = watch(['abc'], 1);
  source.destroy(new Error('torn'));
  await expect(buffer(watched)).rejects.toThrow('torn');
  const other = watch(['abc'], 1);
  other.watched.destroy();
  await new Promise((resolve) => other.source.once('close', resolve));
  expect(other.source.destroyed).toBe(true);
});
