import { describe, expect, test } from 'vitest';
import { readForwardedPort } from '../../../drivers/forwarded-port.ts';

describe('the forwarded port', () => {
  // QEMU 7.2; 10.0 prints the same.
  const table = [
    'Hub -1 (n0):',
    '  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ',
    '  TCP[ESTABLISHED]   14       127.0.0.1 11111       10.0.2.15    22     0     0',
    '  TCP[HOST_FORWARD]  12       127.0.0.1  8080       10.0.2.15    80     0     0',
    '  TCP[HOST_FORWARD]  11       127.0.0.1 38555       10.0.2.15    22     0     0',
    '  UDP[236 sec]       15       10.0.2.15 55555        10.0.2.3    22     0     0',
    '',
  ].join('\r\n');

  test('is that of the forward to the guest’s port', () => {
    expect(readForwardedPort(table, 22)).toBe(38555);
    expect(readForwardedPort(table, 80)).toBe(8080);
    expect(readForwardedPort(table, 443)).toBeUndefined();
    expect(readForwardedPort('', 22)).toBeUndefined();
  });
});
