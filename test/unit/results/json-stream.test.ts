import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonNode, type JsonScalar, readJson } from '../../../src/results/json-stream.ts';
import { Problems } from '../../../src/results/problems.ts';

/** The document rebuilt, read in pieces of this size. */
async function rebuild(text: string, size: number, limits: { maxDepth?: number; maxString?: number } = {}) {
  const problems = new Problems();
  const root: unknown[] = [];
  const whole = await readJson(pieces(text, size), () => collector(root, true), {
    maxDepth: 1_000,
    maxString: 1_000_000,
    ...limits,
    problems,
  });
  return { whole, value: root[0], problems: problems.list() };
}

/** `isRoot`: the document itself has neither key nor place. */
function collector(into: unknown, isRoot = false): JsonNode {
  const put = (key: string | undefined, value: unknown): void => {
    if (Array.isArray(into)) into.push(value);
    else
      Object.defineProperty(into, key ?? '', { value, enumerable: true, configurable: true, writable: true });
  };
  return {
    child(key) {
      const inner: unknown = kinds.shift() === '[' ? [] : {};
      put(isRoot ? undefined : key, inner);
      return collector(inner);
    },
    value: (key: string | undefined, value: JsonScalar) => put(isRoot ? undefined : key, value),
  };
}

/** Brackets outside of strings, in order: the reader does not tell objects from arrays. */
let kinds: string[] = [];

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  kinds = text.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/[[{]/g) ?? [];
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

describe('a JSON document as it comes', () => {
  test('is what JSON.parse makes of it, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const { whole, value, problems } = await rebuild(text, size);
        expect({ whole, problems }).toEqual({ whole: true, problems: [] });
        expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  test('cut anywhere is not whole', async () => {
    const text = JSON.stringify({ a: [1, true, null, 'x\n\u00e4\\"'], b: { c: -1.5e3, d: [] } });
    for (let length = 0; length < text.length; length++) {
      const { whole, problems } = await rebuild(text.slice(0, length), 3);
      expect(whole, text.slice(0, length)).toBe(false);
      expect(problems).toHaveLength(1);
    }
  });

  test('with garbage in it is broken, or what JSON.parse takes', async () => {
    const broken = fc.tuple(fc.json(), fc.string({ maxLength: 3 }), fc.nat()).map(([text, garbage, at]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + garbage + text.slice(place);
    });
    await fc.assert(
      fc.asyncProperty(broken, async (text) => {
        const { whole } = await rebuild(text, 4);
        if (whole) expect(lenient(text)).toBe(true);
        else expect(parses(text)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    '{"a":1,}',
    '[1,]',
    '{a:1}',
    "{'a':1}",
    '[1 2]',
    '{"a" 1}',
    '01x',
    '[tru]',
    '}',
    '{"a":1}}',
    '"\\x"x',
    '1 2',
  ])('%s is broken', async (text) => {
    const { whole, problems } = await rebuild(text, 2);
    expect(whole).toBe(false);
    expect(problems[0]).toMatch(/^the JSON is broken at character \d+$/);
  });

  test('says where it is broken', async () => {
    expect((await rebuild('{"abc": 1; }', 4)).problems).toEqual(['the JSON is broken at character 10']);
  });

  test('of a long string head and tail are kept', async () => {
    const { value } = await rebuild(JSON.stringify([`begin${'x'.repeat(10_000)}end`]), 700, {
      maxString: 100,
    });
    expect((value as string[])[0]).toMatch(/^beginx+\n\[… .* characters left out …\]\nx+end$/);
  });

  test('nested too deep is not read further', async () => {
    const { whole, problems } = await rebuild('['.repeat(10_000), 1_000, { maxDepth: 200 });
    expect(whole).toBe(false);
    expect(problems).toEqual(['values are nested more than 200 deep; the rest was not read']);
  });

  test('a word without end is broken, not held', async () => {
    expect((await rebuild(`[${'1'.repeat(100_000)}`, 50)).problems).toEqual([
      'the JSON is broken at character 2',
    ]);
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Raw control characters in strings, and marks between values, are let through: what they mean is plain. */
function lenient(text: string): boolean {
  return parses(text) || /[\u0000-\u001f\ufeff]/.test(text);
}
