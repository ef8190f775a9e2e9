import { expect, test } from 'vitest';
import { explain, telling } from '../../../../drivers/v86/errors.ts';

const context = { doing: 'starting the machine', code: 'V86_START_FAILED' };

test.each([
  ['RangeError: WebAssembly.Memory(): could not allocate memory', 'V86_NO_MEMORY', true],
  ['RangeError: Array buffer allocation failed', 'V86_NO_MEMORY', true],
  ['Error: ENOSPC: no space left on device, write', 'DISK_FULL', false],
  ["Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'v86' imported from /x", 'V86_PACKAGE_MISSING', false],
  ["Error: ENOENT: no such file or directory, open '/no/kernel'", 'V86_FILE_MISSING', false],
  ["the machine's process was ended by SIGKILL", 'V86_KILLED', true],
  ['Error: something else', 'V86_START_FAILED', false],
])('%s', (text, code, retryable) => {
  const error = explain(text, context);
  expect(error).toMatchObject({ code, retryable, details: text });
  expect(error.message).toContain('starting the machine failed: ');
});

test('the line that says most is found between source and stack', () => {
  const text =
    'file:///x.js:1\n  throw y;\n  ^\n\nTypeError: y is not defined\n    at x.js:1\n\nNode.js v20\n';
  expect(telling(text)).toBe('TypeError: y is not defined');
  expect(telling('')).toBe('');
});
