import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../../src/host/make-folder.ts';
import { scratchFolder } from '../../support/scratch.ts';

test('makes what is missing above too, for this user only', async () => {
  const folder = join(await scratchFolder(), 'a', 'b');
  await makeFolder(folder);
  await makeFolder(folder);
  expect((await stat(folder)).isDirectory()).toBe(true);
  if (process.platform !== 'win32') expect((await stat(join(folder, '..'))).mode & 0o777).toBe(0o700);
});

// Node's own recursive `mkdir` tries there for ever, in a thread that nobody can stop.
test.skipIf(process.platform !== 'linux')('gives up where the file system makes no folders', async () => {
  await expect(makeFolder('/proc/vmtest/state')).rejects.toMatchObject({
    code: 'FILE_NOT_WRITTEN',
    message: expect.stringContaining('/proc/vmtest could not be written'),
  });
});
