import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanLine, cleanText, firstLine } from '../../../src/results/sanitize.ts';

/** Text that likes to hold what must go. */
const nasty = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\x1b',
        '\x1b[',
        '31m',
        '\x1b]0;t',
        '\x07',
        '\x1b\\',
        '\x9b',
        '\r',
        '\n',
        '\x00',
        '\x7f',
        '\ud800',
        '\udc00',
        '\uffff',
      ),
    ),
  )
  .map((parts) => parts.join(''));

/** https://www.w3.org/TR/xml/#charsets without the discouraged C1 range. */
const XML_CHARACTERS = /^[\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

describe('cleanText', () => {
  test('leaves only characters that XML allows and terminals print', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(cleanText(text)).toMatch(XML_CHARACTERS);
      }),
    );
  });

  test('cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const once = cleanText(text);
        expect(cleanText(once)).toBe(once);
      }),
    );
  });

  test('keeps harmless text as it is', () => {
    const text = 'Grüße, 世界 👩‍🚀\n\tindented – “quoted” [0m m; 100%';
    expect(cleanText(text)).toBe(text);
  });

  test.each([
    ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
    ['cursor movement', 'a\x1b[2K\x1b[1Gb\x1b[?25l', 'ab'],
    ['a window title ended by BEL', '\x1b]0;title\x07text', 'text'],
    ['a link ended by ST', '\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['C1 sequences', '\x9b31mred', 'red'],
    ['a charset switch', '\x1b(Bplain', 'plain'],
    ['a title that never ends, which must not swallow the rest', '\x1b]0;title', '0;title'],
    ['a lone escape', 'a\x1b', 'a␛'],
    ['control characters', '\x00\x08\x7f', '␀␈␡'],
    ['C1 controls, lone surrogates, non-characters', '\x85\ud800\uffff', '\ufffd\ufffd\ufffd'],
    ['line ends of any kind', 'a\r\nb\rc\n', 'a\nb\nc\n'],
  ])('%s', (_what, text, cleaned) => {
    expect(cleanText(text)).toBe(cleaned);
  });

  test('takes linear time for unfriendly text', () => {
    const size = 300_000;
    for (const unit of ['\x1b]', '\x1b[', '\x1b[0;', '\x1bP', '\x1b ', '\r', '\x9b0']) {
      expect(cleanText(`${unit.repeat(size / unit.length)}x`).length).toBeLessThanOrEqual(size + 1);
    }
    expect(cleanText(`\x1b[${'0'.repeat(size)}`).length).toBe(size);
  });
});

test('cleanLine leaves one line', () => {
  expect(cleanLine('a\r\nb\x1b[0m\nc')).toBe('a␊b␊c');
});

test('firstLine is the first line with something to read', () => {
  expect(firstLine('\n  \x1b[31m\n  boom  \nmore')).toBe('boom');
  expect(firstLine(' \n')).toBe('');
});
