import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor, MASK, redactValue } from '../../../src/results/redact.ts';

/** Few letters, so that secrets repeat, overlap and hold each other. */
const word = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', '\n'), minLength, maxLength });
const secret = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 3, maxLength: 6 });

/** The rule, said slowly: every occurrence is covered, overlapping ones become one mask. */
function model(secrets: readonly string[], text: string): string {
  const found = secrets.flatMap((one) =>
    Array.from(text, (_, at) => at)
      .filter((at) => text.startsWith(one, at))
      .map((at) => ({ start: at, end: at + one.length })),
  );
  found.sort((a, b) => a.start - b.start);
  let out = '';
  let done = 0;
  for (const { start, end } of found) {
    if (start >= done) out += text.slice(done, start) + MASK;
    done = Math.max(done, end);
  }
  return out + text.slice(done);
}

function inPieces(secrets: readonly string[], pieces: readonly string[]): string {
  const stream = createRedactor(secrets).stream();
  return pieces.map((piece) => stream.write(piece)).join('') + stream.end();
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('masking', () => {
  test('leaves nothing of a secret in base64, wherever it lies and however the lines are broken', () => {
    const bytes = fc.string({ unit: 'binary', maxLength: 90 });
    fc.assert(
      fc.property(
        fc
          .string({ unit: 'grapheme', minLength: 8, maxLength: 40 })
          .filter((text) => !/^\s|\s$|[\r\n]/.test(text)),
        bytes,
        bytes,
        fc.constantFrom(['\n', 76], ['\r\n', 64], [' ', 76], ['', 60]) as fc.Arbitrary<[string, number]>,
        fc.constantFrom('base64', 'base64url'),
        (one, before, behind, [end, width], encoding) => {
          const whole = Buffer.from(before + one + behind).toString(encoding);
          const text = whole.replaceAll(new RegExp(`.{${width}}`, 'g'), `$&${end}`);
          // What is left over of the groups that it shares with its neighbours.
          const groups = Math.floor((Buffer.byteLength(one) - 4) / 3) * 4;
          const masked = createRedactor([one]).redact(text);
          expect(masked).toContain(MASK);
          expect(masked.replaceAll(/\s/g, '').length).toBeLessThanOrEqual(
            whole.length - groups + MASK.length,
          );
          expect(inPieces([one], [...text])).toBe(masked);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('covers exactly the secrets, whatever they share, however the text is cut', () => {
    fc.assert(
      fc.property(
        fc.array(secret, { maxLength: 5 }),
        fc.array(word(0, 12), { maxLength: 12 }),
        (secrets, pieces) => {
          const text = pieces.join('');
          const expected = model([...new Set(secrets)], text);
          expect(createRedactor(secrets).redact(text)).toBe(expected);
          expect(inPieces(secrets, pieces)).toBe(expected);
          expect(inPieces(secrets, [...text])).toBe(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('is the same for bytes, and never longer than they were', () => {
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 5 }),
        fc.array(word(0, 12)),
        (secrets, pieces) => {
          const stream = createRedactor(secrets).bytes();
          const masked = pieces.map((piece) => stream?.write(Buffer.from(piece)) ?? Buffer.alloc(0));
          masked.push(stream?.end() ?? Buffer.alloc(0));
          const text = pieces.join('');
          expect(Buffer.concat(masked).toString()).toBe(model([...new Set(secrets)], text));
          // What is given out so far is never more than what came.
          let ahead = 0;
          for (const [at, piece] of masked.entries()) {
            ahead += (pieces[at]?.length ?? 0) - piece.length;
            expect(ahead).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
    expect(createRedactor([]).bytes()).toBeUndefined();
  });

  test('holds back no more than what may become a secret', () => {
    const stream = createRedactor(['password']).stream();
    expect(stream.write('the pass')).toBe('the ');
    expect(stream.write('age of a pa')).toBe('passage of a ');
    expect(stream.write('ssword\n')).toBe(`${MASK}\n`);
    expect(stream.end()).toBe('');
  });

  test('a line that ends as a secret begins is held back only behind four characters of it', () => {
    const stream = createRedactor(['abc', 'password']).stream();
    expect(stream.write('ab\nx pas\n')).toBe('ab\nx pas\n');
    expect(stream.write('pass\n')).toBe('');
    expect(stream.write('age\n')).toBe('pass\nage\n');
    expect(stream.write('pass\nword\n')).toBe(`${MASK}\n`);
  });

  test.each([
    ['the longest first', ['abc', 'abcdef'], 'xabcdefx abc', 'x***x ***'],
    ['overlapping ones as one', ['abcd', 'cdef'], '-abcdef-', '-***-'],
    [
      'a secret of several lines by line',
      ['first line\r\n  second\nz\n'],
      'say: first line\nsecond z',
      'say: ***\n*** z',
    ],
    ['URL-encoded', ['p@ss/word'], 'ssh://u:p%40ss%2Fword@h p@ss/word', 'ssh://u:***@h ***'],
    [
      'with characters that mean something elsewhere',
      ['a.*+?^$()|[]\\b', '$&'],
      'a.*+?^$()|[]\\b $& $&x',
      '*** $& $&x',
    ],
    ['in base64', ['hunter2-hunter2'], `Basic ${base64('me:hunter2-hunter2')}`, 'Basic bWU6***'],
    ['torn by a terminal', ['hunter2-hunter2'], 'hunter2-\r\nhunter2 hunter2\n-hunter2!', '*** ***!'],
    ['with blanks that were broken', ['hunter two three'], 'is hunter two\nthree.', 'is ***.'],
    ['beyond the basic plane', ['🔑key'], 'x🔑keyx', 'x***x'],
  ])('%s', (_what, secrets, text, masked) => {
    expect(createRedactor(secrets).redact(text)).toBe(masked);
  });

  test('takes one pass over unfriendly text', () => {
    const size = 2_000_000;
    const secrets = Array.from({ length: 50 }, (_, i) => `${'a'.repeat(2_000 + i)}b`);
    expect(createRedactor(secrets).redact('a'.repeat(size))).toHaveLength(size);
  });

  test('a run of overlapping secrets is one mask in bounded memory', () => {
    const stream = createRedactor(['aaa']).stream();
    let out = '';
    for (let i = 0; i < 10_000; i++) out += stream.write('a'.repeat(100));
    expect(out + stream.end()).toBe(MASK);
  });
});

describe('secrets that cannot be masked', () => {
  test('are said without being told', () => {
    expect(createRedactor(['ab', '', 'x', 'long enough']).notes).toEqual([
      '2 secrets are shorter than 3 characters and not masked',
    ]);
    expect(createRedactor(['  ab\n']).notes).toEqual([
      'a secret is shorter than 3 characters and not masked',
    ]);
    expect(createRedactor(['abc', '']).notes).toEqual([]);
  });

  test('leave the text alone', () => {
    expect(createRedactor(['ab', '']).redact('ab abc')).toBe('ab abc');
    expect(inPieces([], ['a', 'b'])).toBe('ab');
  });
});

test('redactValue masks every string in plain data, and no key', () => {
  const redactor = createRedactor(['hunter2']);
  const value = { hunter2: ['is hunter2', { deep: 'hunter2!' }], n: 1, b: true, nothing: null, u: undefined };
  expect(redactValue(value, redactor)).toEqual({
    hunter2: ['is ***', { deep: '***!' }],
    n: 1,
    b: true,
    nothing: null,
    u: undefined,
  });
  expect(value.hunter2[0]).toBe('is hunter2');
});
