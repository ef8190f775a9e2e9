import { describe, expect, test } from 'vitest';
import { leasedAddress, usableAddress } from '../../../../drivers/parallels/addresses.ts';

describe('usable', () => {
  test.each([
    [['10.211.55.4'], '10.211.55.4'],
    [['fe80::21c:42ff:fe00:1', '10.211.55.4'], '10.211.55.4'],
    [['fdb2:2c26::4', '10.211.55.4'], '10.211.55.4'],
    [['fdb2:2c26::4'], 'fdb2:2c26::4'],
    [['FE80::1'], undefined],
    [['169.254.3.4', '0.0.0.0', '-', 'localhost', '10.211.55'], undefined],
    [[], undefined],
  ])('of %j: %s', (addresses, usable) => {
    expect(usableAddress(addresses)).toBe(usable);
  });
});

describe('leased', () => {
  const LEASES = `[vnic0]
10.211.55.7="1418921000,1800,001c42f593fb,ff42f5"
10.211.55.181="1418921112,1800,001c42f593fb,ff42f593fb000100011c"
10.211.55.9="1518921112,1800,001C42AAAAAA,ff"
10.211.55.8="1418999999,100000,001c42f593fb,ff"
garbage="1,2,3`;

  test('to the card most recently: by when it was given, not by when it ends', () => {
    expect(leasedAddress(LEASES, '001c42f593fb')).toBe('10.211.55.181');
  });

  test('in capitals too, and to nobody else', () => {
    expect(leasedAddress(LEASES, '001c42aaaaaa')).toBe('10.211.55.9');
    expect(leasedAddress(LEASES, '001c42000000')).toBeUndefined();
    expect(leasedAddress('', '001c42f593fb')).toBeUndefined();
  });
});
