import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shownLine, shownText } from '../../../../reporters/html/shown-text.ts';
import { nastyText } from '../nasty-text.ts';

test.each([
  ['\u202egnp.exe', '⟨U+202E⟩gnp.exe'],
  ['a\u2066b\u2069', 'a⟨U+2066⟩b⟨U+2069⟩'],
  ['zero\u200bwidth\ufeff', 'zero⟨U+200B⟩width⟨U+FEFF⟩'],
  ['tag\u{e0041}', 'tag⟨U+E0041⟩'],
  ['\u2028', '⟨U+2028⟩'],
  ['\x00\x07\x1b', '␀␇␛'],
  ['\x1b[31mred\x1b[0m', 'red'],
  ['שלום, 👩‍💻 and <b>', 'שלום, 👩‍💻 and <b>'],
])('%j is shown as %s', (text, shown) => {
  expect(shownText(text)).toBe(shown);
});

test('nothing invisible is left of anything', () => {
  fc.assert(
    fc.property(nastyText, (text) => {
      expect(shownText(text)).not.toMatch(
        /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
      );
      expect(shownLine(text, 40)).not.toContain('\n');
      expect(shownLine(text, 40).replace(/⟨U\+[0-9A-F]+⟩/g, '.').length).toBeLessThanOrEqual(40);
    }),
  );
});

test('a long text keeps its ends, and says what is missing', () => {
  const shown = shownText(`first\n${'middle\n'.repeat(10_000)}last\n`, 1_000);
  expect(shown).toMatch(/^first\n[\s\S]*\[… [\d,]+ characters left out …\][\s\S]*last\n$/);
  expect(shown.length).toBeLessThan(1_100);
});
