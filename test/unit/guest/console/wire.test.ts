import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePart, decodeSmallPart, SMALL_PART } from '../../../../src/guest/console/part.ts';
import { sealOf } from '../../../../src/guest/console/seal.ts';
import { knock, markOf, serverLines } from '../../../../src/guest/console/server-script.ts';
import { encodeRequest, escapeForPrintf, isBroken, parseAnswer } from '../../../../src/guest/console/wire.ts';

const sizes = [0, 1, 255, 256, 257, 70_000];

describe('requests', () => {
  test('are lines that any terminal takes, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (script) => {
        const { lines } = encodeRequest('ab.1', script);
        for (const line of lines) expect(line).toMatch(/^[ -~]{1,1000}$/);
        const text = lines
          .slice(0, -1)
          .map((line) => line.slice(1))
          .join('');
        expect(lines.at(-1)).toMatch(new RegExp(`^[:=]ab\\.1 ${text.length}$`));
      }),
    );
  });

  test('are plain where they can be, since escapes cost the guest a process', () => {
    expect(encodeRequest('ab.1', 'look 1')).toEqual({ lines: ['+look 1', ':ab.1 6'] });
    expect(encodeRequest('ab.1', 'a\nb')).toEqual({ lines: ['+a\\nb', '=ab.1 4'] });
  });

  test('are base64 for a program when they are long, with their length in bytes and in characters', () => {
    const script = `: ${'é'.repeat(500)}`;
    const { lines, input = [] } = encodeRequest('ab.1', script, true);
    expect(lines).toEqual(['@ab.1 1002 502']);
    expect(Buffer.from(input.join(''), 'base64').toString()).toBe(script);
    for (const line of input) expect(line.length).toBeLessThanOrEqual(1000);
  });

  test('are escaped where base64 would lose something in the shell', () => {
    expect(encodeRequest('ab.1', `${'x'.repeat(500)}\n`, true).input).toBeUndefined();
    expect(encodeRequest('ab.1', `${'x'.repeat(500)}\0`, true).input).toBeUndefined();
  });

  test.each(['dash', 'bash', 'busybox'])("keep every byte through %s's printf", (shell) => {
    const bytes = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      randomBytes(2000),
    ]);
    const argv = [
      ...(shell === 'busybox' ? ['sh'] : []),
      '-c',
      'printf %b "$1"',
      'sh',
      escapeForPrintf(bytes),
    ];
    expect(execFileSync(shell, argv)).toEqual(bytes);
  });

  test('that start the server fit a terminal, and the mark is not in what is typed', () => {
    for (const line of [knock('abcd'), ...serverLines('abcd')]) expect(line).toMatch(/^[ -~]{1,1000}$/);
    expect(knock('abcd')).not.toContain(markOf('abcd'));
    expect(knock('abcd').length).toBeLessThan(250);
  });
});

describe('answers', () => {
  test('are known by their length, also behind noise', () => {
    expect(parseAnswer('~ab.1 5 a b c ~')).toEqual({ id: 'ab.1', text: 'a b c' });
    expect(parseAnswer('~ab.1 0  ~')).toEqual({ id: 'ab.1', text: '' });
    expect(parseAnswer('[ 1.2] noise~ab.1 2 ok ~')).toEqual({ id: 'ab.1', text: 'ok' });
  });

  test('that noise got into are none, but are seen', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (at, noise) => {
        const line = '~ab.1 11 hello world ~';
        const noisy = `${line.slice(0, at)}${noise}${line.slice(at)}`;
        const answer = parseAnswer(noisy);
        // Nobody waits for another id.
        if (answer?.id === 'ab.1') expect(answer.text).toBe('hello world');
      }),
    );
    expect(isBroken('~ab.1 11 hel', 'ab.1')).toBe(true);
    expect(isBroken('~ab.1 5 hello ~', 'ab.1')).toBe(false);
    expect(isBroken('~ab.2 11 hel', 'ab.1')).toBe(false);
  });
});

describe('seals', () => {
  test.each([
    ['md5', 'md5sum'],
    ['cksum', 'cksum'],
  ] as const)('%s', (kind, program) => {
    for (const size of sizes) {
      const data = randomBytes(size);
      const answer = execFileSync(program, { input: data }).toString().trim();
      expect(
        answer
          .split(' ')
          .slice(0, kind === 'md5' ? 1 : 2)
          .join(' '),
      ).toBe(sealOf(kind, data));
    }
  });
});

describe('parts of files', () => {
  const data = randomBytes(SMALL_PART + 1);
  const part = { seal: `${sealOf('md5', data)}  -`, length: data.length };
  const base64 = (packed: Buffer) => packed.toString('base64').match(/.{1,76}/g) ?? [];
  const plain = { encoding: 'base64', seal: 'md5', gzip: false } as const;

  test('are decoded from base64 and hex, packed or not, with lines of noise between', () => {
    const lines = base64(data);
    expect(decodePart(lines, part, plain)).toEqual(data);
    expect(decodePart([...lines.slice(0, 3), '[ 1.2] noise', ...lines.slice(3)], part, plain)).toEqual(data);
    expect(decodePart(base64(gzipSync(data)), part, { ...plain, gzip: true })).toEqual(data);
    const hex = execFileSync('od', ['-An', '-v', '-tx1'], { input: data }).toString().split('\n');
    expect(decodePart(hex, part, { ...plain, encoding: 'hex' })).toEqual(data);
  });

  test('stand in the answer when they are small', () => {
    const small = data.subarray(1);
    expect(decodeSmallPart(base64(small).join(' '), plain)).toEqual(small);
    // As busybox prints it, where it has no `base64`.
    const uuencoded = ['begin-base64 644 -', ...base64(small), '===='].join(' ');
    expect(decodeSmallPart(uuencoded, plain)).toEqual(small);
    const hex = execFileSync('od', ['-An', '-v', '-tx1'], { input: small }).toString().split(/\s+/);
    expect(decodeSmallPart(hex.join(' '), { encoding: 'hex' })).toEqual(small);
  });

  test('are refused when anything is missing or changed', () => {
    const lines = base64(data);
    expect(decodePart(lines.slice(1), part, plain)).toBeUndefined();
    expect(decodePart([], part, plain)).toBeUndefined();
    expect(decodePart(base64(gzipSync(data)).slice(1), part, { ...plain, gzip: true })).toBeUndefined();
    expect(decodePart(lines, { ...part, seal: part.seal.slice(0, 5) }, plain)).toBeUndefined();
  });

  test('may not unpack to more than was asked for', () => {
    const bomb = Buffer.alloc(1_000_000);
    const seal = sealOf('md5', bomb);
    expect(
      decodePart(base64(gzipSync(bomb)), { seal, length: data.length }, { ...plain, gzip: true }),
    ).toBeUndefined();
  });
});
