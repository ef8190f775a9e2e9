import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atLeast } from '../../../../drivers/qemu/programs.ts';

describe('versions', () => {
  test.each([
    ['7.2.22', '7.1.0', true],
    ['8.2.0', '8.2.0', true],
    ['10.0.0', '8.2.0', true],
    ['7.0.99', '7.1.0', false],
    ['6.0.0', '6.0.1', false],
  ])('%s is at least %s: %s', (a, b, answer) => {
    expect(atLeast(a, b)).toBe(answer);
  });

  test('are ordered', () => {
    const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20));
    fc.assert(
      fc.property(version, version, (a, b) => {
        const number = ([x, y, z]: [number, number, number]) => x * 10_000 + y * 100 + z;
        return atLeast(a.join('.'), b.join('.')) === number(a) >= number(b);
      }),
    );
  });
});
