import { describe, expect, test } from 'vitest';
import { quotePowerShell } from '../../../../src/guest/shell/powershell.ts';
import { signalName } from '../../../../src/guest/shell/signals.ts';

test('PowerShell literals keep everything but their own quotes, of which there are many', () => {
  expect(quotePowerShell("it's $x `n")).toBe("'it''s $x `n'");
  expect(quotePowerShell('‘a’‚‛')).toBe("'‘‘a’’‚‚‛‛'");
});

describe('signals', () => {
  test('have the numbers of the guest, not of this host', () => {
    expect([9, 15, 10, 12, 7].map((number) => signalName(number, 'linux'))).toEqual([
      'SIGKILL',
      'SIGTERM',
      'SIGUSR1',
      'SIGUSR2',
      'SIGBUS',
    ]);
    expect([9, 10, 30, 31].map((number) => signalName(number, 'macos'))).toEqual([
      'SIGKILL',
      'SIGBUS',
      'SIGUSR1',
      'SIGUSR2',
    ]);
  });

  test('that have no name keep their number', () => {
    expect(signalName(40, 'linux')).toBe('signal 40');
  });
});
