import { describe, expect, test } from 'vitest';
import type { GuestOs, GuestSettings } from '../../../matrix/model.ts';
import { waysIn } from '../../../src/run/connect-guest.ts';
import { targetOf } from '../../support/targets.ts';

const ways = (
  offered: ('agent' | 'ssh' | 'console')[],
  guest: Partial<GuestSettings> = {},
  os: GuestOs = 'linux',
) => waysIn({ offered, guest: targetOf('qemu', {}, { guest }).guest, os });

describe('the ways in', () => {
  test('are those that are offered and have credentials, best first', () => {
    expect(ways(['agent', 'ssh'], { password: 'x' })).toEqual(['agent', 'ssh']);
    expect(ways(['agent', 'ssh'])).toEqual(['agent']);
  });

  test('are the console only where there is nothing else', () => {
    expect(ways(['agent', 'console'])).toEqual(['agent']);
    expect(ways(['ssh', 'console'], { key: '/k' })).toEqual(['ssh']);
    expect(ways(['ssh', 'console'])).toEqual(['console']);
    expect(ways(['console'])).toEqual(['console']);
  });

  test('are never the console of Windows', () => {
    expect(ways(['agent', 'console'], {}, 'windows')).toEqual(['agent']);
    expect(() => ways(['console'], {}, 'windows')).toThrow('there is no way into the guest');
  });

  test('are the one that is asked for, if it is offered', () => {
    expect(ways(['agent', 'ssh', 'console'], { channel: 'console' })).toEqual(['console']);
    expect(() => ways(['agent', 'ssh'], { channel: 'console' })).toThrow(
      expect.objectContaining({ code: 'CHANNEL_UNSUPPORTED' }),
    );
    expect(() => ways(['ssh'])).toThrow(expect.objectContaining({ code: 'NO_WAY_IN' }));
  });
});
