import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoundedText, cutEnd, cutMiddle } from '../../../src/results/bounded-text.ts';

const MARKED = /^([a-z]*)\n\[… ([\d,]+) characters left out …\]\n([a-z]*)$/;

function collect(pieces: readonly string[], limit: number): BoundedText {
  const text = new BoundedText(limit);
  for (const piece of pieces) text.append(piece);
  return text;
}

describe('BoundedText', () => {
  const pieces = fc.array(fc.string({ maxLength: 40 }), { maxLength: 30 });

  test('does not depend on how the text is cut into pieces', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 200 }), (parts, limit) => {
        expect(collect(parts, limit).toString()).toBe(collect([parts.join('')], limit).toString());
      }),
    );
  });

  test('is the text itself within the limit', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const whole = parts.join('');
        expect(collect(parts, Math.max(whole.length, 1)).toString()).toBe(whole);
      }),
    );
  });

  test('beyond it has the head, the tail, and a true count of what is missing', () => {
    const long = fc.array(fc.stringMatching(/^[a-z]*$/), { minLength: 5 });
    fc.assert(
      fc.property(long, fc.integer({ min: 1, max: 60 }), (parts, limit) => {
        const whole = parts.join('');
        const cut = collect(parts, limit);
        fc.pre(cut.cut);
        const [, head = '', missing = '', tail = ''] = MARKED.exec(cut.toString()) ?? [];
        expect(whole.startsWith(head) && whole.endsWith(tail)).toBe(true);
        expect(head.length + Number(missing.replaceAll(',', '')) + tail.length).toBe(whole.length);
        expect(head.length + tail.length).toBeLessThanOrEqual(limit + 1);
      }),
    );
  });

  test('cuts at line ends when they are near', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('');
    expect(cutMiddle(lines, 48)).toBe(
      'line 0\nline 1\nline 2\n[… 753 characters left out …]\nline 98\nline 99\n',
    );
  });

  test('never leaves half a character', () => {
    expect(cutMiddle('👍'.repeat(10), 6)).toBe('👍\n[… 16 characters left out …]\n👍');
  });
});

test('cutEnd', () => {
  expect(cutEnd('short', 5)).toBe('short');
  expect(cutEnd('longer', 5)).toBe('long…');
  expect(cutEnd('abc👍def', 5)).toBe('abc…');
});
