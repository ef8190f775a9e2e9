import { describe, expect, it } from 'vitest';
import { nearest, suggest } from '../../../matrix/nearest.ts';

const keys = ['image', 'memory', 'disk-bus', 'fail-fast', 'os'];

describe('nearest', () => {
  it.each([
    ['imge', 'image'],
    ['Image', 'image'],
    ['disk_bus', 'disk-bus'],
    ['failFast', 'fail-fast'],
    ['so', undefined],
    ['zebra', undefined],
    ['', undefined],
    ['x'.repeat(1_000_000), undefined],
  ])('%.20j → %j', (wrong, right) => {
    expect(nearest(wrong, keys)).toBe(right);
  });

  it('knows nothing without candidates', () => {
    expect(nearest('image', [])).toBeUndefined();
  });
});

describe('suggest', () => {
  it('names the nearest, else all of a few, else nothing', () => {
    expect(suggest('imge', keys)).toBe('did you mean `image`?');
    expect(suggest('zebra', ['a', 'b'], 'axes')).toBe('axes: `a`, `b`');
    expect(suggest('zebra', [])).toBeUndefined();
    expect(
      suggest(
        'zebra',
        Array.from({ length: 13 }, (_, index) => `key${index}`),
      ),
    ).toBeUndefined();
  });
});
