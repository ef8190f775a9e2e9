import { describe, expect, test } from 'vitest';
import { isMachine } from '../../../../drivers/qemu/sweep.ts';

describe('a process is ours', () => {
  const argv = (name: string) => ['/usr/bin/qemu-system-x86_64', '-name', name, '-nodefaults'];

  test('by the name behind -name, and only by the whole of it', () => {
    expect(isMachine(argv('guest=vmtest-abcdefgh,debug-threads=on'), 'vmtest-abcdefgh')).toBe(true);
    expect(isMachine(argv('guest=vmtest-abcdefgh2,debug-threads=on'), 'vmtest-abcdefgh')).toBe(false);
    expect(isMachine(argv('other'), 'vmtest-abcdefgh')).toBe(false);
    expect(isMachine(['grep', 'guest=vmtest-abcdefgh,x'], 'vmtest-abcdefgh')).toBe(false);
    expect(isMachine([''], 'vmtest-abcdefgh')).toBe(false);
    expect(isMachine(['-name'], 'vmtest-abcdefgh')).toBe(false);
  });
});
