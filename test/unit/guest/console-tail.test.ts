import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { consoleTail, withConsole } from '../../../src/guest/console-tail.ts';
import { VmtestError } from '../../../src/host/errors.ts';
import { scratchFolder } from '../../support/scratch.ts';

test('a console’s log shows its end without what a terminal would obey', async () => {
  const path = join(await scratchFolder(), 'console.log');
  await writeFile(path, `${'xyz\n'.repeat(2_500)}\x1b[31mpanic\x07 \u009b2J\u202e– ok\r\n`);
  const tail = await consoleTail(path);
  expect(tail.length).toBeLessThanOrEqual(4096);
  expect(tail).toMatch(/xyz\n\[31mpanic 2J– ok\n$/);
  expect(await consoleTail(`${path}.not`)).toBe('');
});

test('a console’s tail begins with a whole line, for half a secret cannot be masked', async () => {
  const path = join(await scratchFolder(), 'console.log');
  await writeFile(path, `the word is ${'secret'.repeat(1_000)}\nend`);
  expect(await consoleTail(path)).toBe('end');
  await writeFile(path, 'secret'.repeat(1_000));
  expect(await consoleTail(path)).toBe('');
  await writeFile(path, 'short');
  expect(await consoleTail(path)).toBe('short');
});

test('an error gets the end of the log behind its own details, and keeps all else', async () => {
  const path = join(await scratchFolder(), 'console.log');
  const error = new VmtestError('CODE', 'message', { hint: 'hint', retryable: true, details: 'details' });
  expect(await withConsole(error, path)).toBe(error);
  await writeFile(path, 'panic');
  expect(await withConsole(error, path)).toMatchObject({
    code: 'CODE',
    message: 'message',
    hint: 'hint',
    retryable: true,
    details: "details\n\nThe guest's console, last lines:\npanic",
    cause: error,
  });
  const foreign = new Error('foreign');
  expect(await withConsole(foreign, path)).toBe(foreign);
});
