import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectCells } from '../../../matrix/select.ts';
import { parseShard, takeShard } from '../../../matrix/shard.ts';
import { file, matrixOf } from './support.ts';

const { cells } = matrixOf(
  file(
    `matrix:
  target: [debian-12, debian-13, win11]
  node: [20, 22]
  path: [/usr, "a*b"]
  include: [{ node: 22, target: win11, experimental: yes }, { target: debian-12, os: { name: x } }]`,
    'debian-12: { engine: fake }, debian-13: { engine: fake }, win11: { engine: fake }',
  ),
);

function ids(...selectors: string[]): string[] {
  return selectCells(cells, selectors).map(({ id }) => id);
}

function error(selector: string): unknown {
  try {
    return ids(selector);
  } catch (thrown) {
    return thrown;
  }
}

describe('selectors', () => {
  it('mean all cells when there are none', () => {
    expect(ids()).toHaveLength(12);
    expect(ids().slice(0, 2)).toEqual(['debian-12/node=20/path=/usr', 'debian-12/node=20/path=a*b']);
  });

  it.each([
    ['debian-12', 4],
    ['debian-12/', 4],
    ['debian-12/node=20', 2],
    ['debian-12/node=20/path=/usr', 1],
    ['debian-12/node=20/path=a*b', 1],
    ['debian-*', 8],
    ['*', 12],
    ['**', 12],
    ['*/node=20', 6],
    ['**/path=/usr', 6],
    ['**/path=a?b', 6],
    ['{win11,debian-13}/node=22', 4],
    ['debian-1[23]', 8],
    ['node=20', 6],
    ['node=2*', 12],
    ['target=win11', 4],
    ['path=/usr', 6],
    ['path=a*b', 6],
    ['experimental=yes', 2],
    ['!win11', 8],
    ['!node=20', 6],
  ])('%s means %d cells', (selector, count) => {
    expect(ids(selector)).toHaveLength(count);
  });

  it('add up by name, narrow by axis, and leave out', () => {
    expect(ids('debian-12', 'win11')).toHaveLength(8);
    expect(ids('debian-12', 'win11', 'node=20')).toHaveLength(4);
    expect(ids('node=20', 'node=22', 'path=/usr')).toHaveLength(6);
    expect(ids('node=20', 'path=/usr', '!debian-*')).toEqual(['win11/node=20/path=/usr']);
    expect(ids('debian-12', '!debian-12')).toEqual([]);
    expect(ids('debian-12', 'target=win11')).toEqual([]);
  });

  it('keep the order of the file', () => {
    expect(ids('win11', 'debian-12')).toEqual(ids().filter((id) => !id.startsWith('debian-13')));
  });

  it.each([
    ['debian-14', 'did you mean `debian-12`?'],
    ['debian-12/node=2', 'did you mean `debian-12/node=20`?'],
    ['debian-1', 'did you mean `debian-12`?'],
    ['zebra', '`vmtest list` shows all cells'],
    ['node=21', 'did you mean `node=20`?'],
    ['nod=20', 'did you mean `node`?'],
    ['zebra=1', 'axes: `target`, `node`, `path`, `os`, `experimental`'],
    ['!zebra', '`vmtest list` shows all cells'],
    ['*\\\\\\\\', '`vmtest list` shows all cells'],
    ['', 'a selector is the id of a cell, or a part of it'],
    ['!', 'a selector is the id of a cell, or a part of it'],
    ['*'.repeat(2000), 'a selector is the id of a cell, or a part of it'],
  ])('%.20s means nothing', (selector, hint) => {
    expect(error(selector)).toMatchObject({ code: 'SELECTOR_UNMATCHED', hint });
  });

  it('never fail in any other way', () => {
    const text = fc.string({
      unit: fc.constantFrom('*', '?', '[', ']', '{', '}', '(', ')', '!', '=', '/', 'd', '+', '\\', '|'),
    });
    fc.assert(
      fc.property(text, (selector) => {
        const result = error(selector);
        if (!Array.isArray(result)) expect(result).toMatchObject({ code: 'SELECTOR_UNMATCHED' });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('shards', () => {
  it('are parsed', () => {
    expect(parseShard('2/3')).toEqual({ index: 2, count: 3 });
    for (const text of ['', '0/3', '4/3', '1', '1/0', '1/3/5', '-1/3', '1.5/3', 'a/b', ' 1/3']) {
      expect(() => parseShard(text)).toThrow(expect.objectContaining({ code: 'SHARD_INVALID' }));
    }
  });

  it('are together the whole, disjoint, balanced, and in order', () => {
    fc.assert(
      fc.property(fc.nat({ max: 200 }), fc.integer({ min: 1, max: 40 }), (length, count) => {
        const items = Array.from({ length }, (_, index) => index);
        const shards = Array.from({ length: count }, (_, index) =>
          takeShard(items, { index: index + 1, count }),
        );
        expect(shards.flat()).toEqual(items);
        const sizes = shards.map((shard) => shard.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('are the same on every host: they depend on the cells alone', () => {
    const once = takeShard(selectCells(cells, ['debian-*', 'node=20']), { index: 1, count: 2 });
    const again = takeShard(selectCells(cells, ['node=20', 'debian-*']), { index: 1, count: 2 });
    expect(again).toEqual(once);
  });
});
