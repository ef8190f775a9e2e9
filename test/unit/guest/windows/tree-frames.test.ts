import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { namesOf, tarOfFrames } from '../../../../src/guest/windows/tree-frames.ts';
import { entriesOf } from '../../../support/guest-channel-examples.ts';

async function* printed(...parts: string[]): AsyncGenerator<Buffer, void> {
  for (const part of parts) yield Buffer.from(part);
}

const tar = (parts: string[], files: string[]) =>
  entriesOf(Readable.from(tarOfFrames(printed(...parts), files), { objectMode: false }));

test('files come back under the names that were asked for', async () => {
  expect(await tar(['1', ' 3\nab', 'c0 0\nend\n'], ['a', 'b'])).toEqual([
    ['./b', 3],
    ['./a', 0],
  ]);
});

test.each([
  ['a place that nobody asked for', '2 0\nend\n', 'a heading makes no sense'],
  ['a name', '../x 0\nend\n', 'a heading makes no sense'],
  ['a heading without an end', 'x'.repeat(100), 'a heading has no end'],
  ['an end too early', '0 5\nabc', 'it ends too early'],
  ['more than was announced', 'end\nx', 'more comes'],
])('%s is damage', async (_what, text, why) => {
  await expect(tar([text], ['a', 'b'])).rejects.toThrow(why);
});

test('names have their length in front, seven bits a byte', () => {
  expect(namesOf(['ü'])).toEqual(Buffer.from([2, 0xc3, 0xbc]));
  expect(namesOf(['x'.repeat(300)]).subarray(0, 2)).toEqual(Buffer.from([0xac, 2]));
});
