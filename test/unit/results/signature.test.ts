import { expect, test } from 'vitest';
import { signatureOf } from '../../../src/results/signature.ts';

test.each([
  ['expected 3 to be 4', 'expected 17 to be 4'],
  ['at 2026-11-21T09:30:00.123Z: refused', 'at 2025-01-02 10:00:00,5+0100: refused'],
  ['no /tmp/abc.Xy1/out.txt', 'no /tmp/q/out2.txt'],
  ['no C:\\Users\\u\\AppData\\Local\\Temp\\a1', 'no D:\\Temp\\b'],
  ['segfault at 0xdeadbeef', 'segfault at 0x7f00'],
  ['job 0b2e9a50-1c3d-4e5f-8a9b-0c1d2e3f4a5b', 'job ffffffff-1c3d-4e5f-8a9b-0c1d2e3f4a5b'],
  ['commit 3140ede1a is bad', 'commit f57516022bc is bad'],
  ['\u001b[31mred\u001b[0m  text', 'red text'],
])('%j and %j are the same', (one, other) => {
  expect(signatureOf(one)).toBe(signatureOf(other));
});

test.each([
  ['connection refused', 'connection reset'],
  ['a facade', 'a decade'],
  ['no /etc/passwd', 'no /etc/shadow'],
])('%j and %j are not', (one, other) => {
  expect(signatureOf(one)).not.toBe(signatureOf(other));
});

test('a very long message takes no long time', () => {
  expect(signatureOf(`${'a1 /tmp/'.repeat(1_000_000)}`).length).toBeLessThanOrEqual(800);
});
