import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSplitter } from '../../../src/results/lines.ts';

function split(chunks: readonly Uint8Array[], maxLine?: number): string {
  const splitter = createLineSplitter(maxLine === undefined ? {} : { maxLine });
  return chunks.map((chunk) => splitter.write(chunk)).join('') + splitter.end();
}

const whole = (text: string, maxLine?: number) => split([Buffer.from(text)], maxLine);

describe('lines of an output', () => {
  test.each([
    ['line ends of Unix and Windows', 'a\nb\r\n\nc\r\r\n', 'a\nb\n\nc\n'],
    ['a last line without an end', 'a\nb', 'a\nb\n'],
    ['nothing', '', ''],
    ['a progress bar', ' 10 %\r 20 %\r100 %\r\ndone\n', '100 %\ndone\n'],
    ['a progress bar that ends at the start of its line', '10 %\r20 %\r', '20 %\n'],
    ['an empty line of carriage returns', '\r\r\n', '\n'],
  ])('%s', (_what, text, lines) => {
    expect(whole(text)).toBe(lines);
  });

  test('the same whatever the chunks, in the middle of characters too', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '👍', '\n', '\r', '\r\n', ' ') });
    const cuts = fc.array(fc.nat(40));
    fc.assert(
      fc.property(text, cuts, (content, at) => {
        const bytes = Buffer.from(content);
        const bounds = [0, ...at.filter((n) => n < bytes.length).toSorted((a, b) => a - b), bytes.length];
        const chunks = bounds.slice(1).map((end, i) => bytes.subarray(bounds[i], end));
        expect(split(chunks)).toBe(whole(content));
      }),
    );
  });

  test('every piece that is given out ends in a line end', () => {
    const splitter = createLineSplitter();
    expect(splitter.write(Buffer.from('a\nb'))).toBe('a\n');
    expect(splitter.write(Buffer.from('c'))).toBe('');
    expect(splitter.write('d\ne')).toBe('bcd\n');
    expect(splitter.end()).toBe('e\n');
    expect(splitter.end()).toBe('');
  });

  test('long lines are split, but never a character', () => {
    expect(whole('abcdefgh\nij', 3)).toBe('abc\ndef\ngh\nij\n');
    expect(whole('abc\n', 3)).toBe('abc\n');
    expect(whole('ab👍cd', 3)).toBe('ab\n👍c\nd\n');
  });

  test('a line without an end is given out before it fills the memory', () => {
    const splitter = createLineSplitter({ maxLine: 100 });
    let longest = 0;
    let total = 0;
    for (let i = 0; i < 1_000; i++) {
      const lines = splitter.write(Buffer.from('x'.repeat(77)));
      total += lines.replaceAll('\n', '').length;
      longest = Math.max(longest, 77 * (i + 1) - total);
    }
    expect(longest).toBeLessThanOrEqual(100);
  });

  test('bytes that are no UTF-8 become replacement characters', () => {
    expect(split([Buffer.from([0x61, 0xff, 0x62, 0x0a])])).toBe('a\ufffdb\n');
  });

  test('takes linear time for carriage returns without end', () => {
    expect(whole(`${'\r'.repeat(500_000)}x\n`)).toBe('x\n');
  });
});
