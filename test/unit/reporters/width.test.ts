import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cutMiddle,
  cutToWidth,
  displayWidth,
  fitLine,
  padToWidth,
  screenText,
} from '../../../reporters/text/width.ts';
import { nastyText } from './nasty-text.ts';

test.each([
  ['abc', 3],
  ['日本', 4],
  ['👨‍👩‍👧', 2],
  ['é', 1],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('cut at the end, in the middle, and not through a character', () => {
  expect(cutToWidth('abcdef', 4)).toBe('abc…');
  expect(cutToWidth('日本語', 4)).toBe('日…');
  expect(cutMiddle('windows-11/node=20/part=3', 15)).toBe('windows…/part=3');
  expect(cutMiddle('日本語日本語', 6)).toBe('日…語');
  expect(padToWidth('日', 4)).toBe('日  ');
});

test('nothing gets wider than asked, whatever it is made of', () => {
  fc.assert(
    fc.property(nastyText, fc.integer({ min: 0, max: 30 }), (nasty, width) => {
      const text = screenText(nasty);
      expect(displayWidth(cutToWidth(text, width))).toBeLessThanOrEqual(width);
      expect(displayWidth(cutMiddle(text, width))).toBeLessThanOrEqual(width);
      const fitted = fitLine(['ab', { paint: 'red', text: nasty }, nasty], width);
      const shown = (fitted as (string | { text: string })[]).map((part) =>
        typeof part === 'string' ? part : part.text,
      );
      expect(displayWidth(shown.join(''))).toBeLessThanOrEqual(width);
    }),
  );
});

test('a line that fits is left as it is, in its colours', () => {
  expect(fitLine(['a', { paint: 'red', text: 'bc' }], 3)).toEqual(['a', { paint: 'red', text: 'bc' }]);
  expect(fitLine(['a', { paint: 'red', text: 'bcd' }, 'e'], 4)).toEqual([
    'a',
    { paint: 'red', text: 'bc' },
    '…',
  ]);
});

test('text for a screen has no tabs and nothing that turns its direction', () => {
  expect(screenText('a\tb\u202ec\x1b[31md\n')).toBe('a    bcd␊');
});
