import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatTimeSpan,
  parseBytes,
  parseTimeSpan,
  parseTimeSpanRange,
  respellAmount,
} from '../../../matrix/units.ts';

describe('bytes', () => {
  it.each([
    ['1K', 1024],
    ['512M', 512 * 1024 ** 2],
    ['512MiB', 512 * 1024 ** 2],
    ['1.5G', 1.5 * 1024 ** 3],
    ['2T', 2 * 1024 ** 4],
  ])('reads %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each([
    '',
    '512',
    '0M',
    '512m',
    '512MB',
    '512 M',
    '-1G',
    '1e3M',
    '.5G',
    '1.G',
    '1GiBs',
    '99999999999G',
    '٣M',
  ])('refuses %j', (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });

  it('prints whole kilobytes in a form that it reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (kilobytes) => {
        expect(parseBytes(formatBytes(kilobytes * 1024))).toBe(kilobytes * 1024);
      }),
    );
  });

  it('prints the short form', () => {
    expect([2 ** 29, 1.5 * 2 ** 30, 2 ** 40, 1000, 0].map(formatBytes)).toEqual([
      '512M',
      '1.5G',
      '1T',
      '1K',
      '1K',
    ]);
  });
});

describe('time spans', () => {
  it.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['1.5s', 1500],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['24d', 24 * 86_400_000],
  ])('reads %s', (text, ms) => {
    expect(parseTimeSpan(text)).toBe(ms);
  });

  it.each(['', '90', '0s', '30m1h', '1m1m', '5 min', '-5s', '1h 30m', '25d', '0.4ms', 's', '1M', '1e3s'])(
    'refuses %j',
    (text) => {
      expect(parseTimeSpan(text)).toBeUndefined();
    },
  );

  it('prints a form that it reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 * 86_400_000 }), (ms) => {
        expect(parseTimeSpan(formatTimeSpan(ms))).toBe(ms);
      }),
    );
  });

  it('reads ranges, and single spans as ranges', () => {
    expect(parseTimeSpanRange('100ms..2s')).toEqual([100, 2000]);
    expect(parseTimeSpanRange('2s')).toEqual([2000, 2000]);
    expect(['2s..1s', '1s..', '..1s', '1s..2s..3s', '1s...2s'].map(parseTimeSpanRange)).toEqual(
      Array(5).fill(undefined),
    );
  });
});

describe('respelling', () => {
  it.each([
    ['512mb', 'bytes', '512M'],
    ['8 gb', 'bytes', '8G'],
    ['1.5 GiB', 'bytes', '1.5G'],
    ['5 min', 'time-span', '5m'],
    ['90 seconds', 'time-span', '90s'],
    ['2 hrs', 'time-span', '2h'],
    ['250 milliseconds', 'time-span', '250ms'],
  ] as const)('%s', (text, kind, spelling) => {
    expect(respellAmount(text, kind)).toBe(spelling);
  });

  it('has no idea about the rest', () => {
    expect(respellAmount('many', 'bytes')).toBeUndefined();
    expect(respellAmount('512', 'bytes')).toBeUndefined();
    expect(respellAmount('0 MB', 'bytes')).toBeUndefined();
    expect(respellAmount('3 fortnights', 'time-span')).toBeUndefined();
  });
});
