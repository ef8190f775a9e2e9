import { expect, test } from 'vitest';
import { findPanic } from '../../../../drivers/v86/machine/panic.ts';

test.each([
  [
    '[   12.345678] ---[ end Kernel panic - not syncing: sysrq triggered crash ]---\r\n',
    'sysrq triggered crash',
  ],
  ['x\n---[ end Kernel panic - not syncing: VFS: no root ]---\n', 'VFS: no root'],
  ['x\n[1.0] ---[ end Kernel panic - not syncing: \u001b[31mred ]---\n', '[31mred'],
])('%j is a panic', (text, why) => {
  expect(findPanic(text)).toBe(why);
});

test.each([
  'Kernel panic - not syncing: the beginning of one\n',
  'echo "---[ end Kernel panic - not syncing: told by a test ]---"\n',
  '---[ end Kernel panic - not syncing: without an end',
  '---[ end trace 0000 ]---\n',
])('%j is none', (text) => {
  expect(findPanic(text)).toBeUndefined();
});
