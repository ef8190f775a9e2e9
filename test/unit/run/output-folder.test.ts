import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocks } from '../../../src/host/locks.ts';
import { claimOutputFolder } from '../../../src/run/output-folder.ts';
import { scratchFolder } from '../../support/scratch.ts';

test('empties a folder of its own, and only that', async () => {
  const scratch = await scratchFolder();
  const locks = createLocks(join(scratch, 'locks'));
  const output = join(scratch, 'a', 'results');
  await (await claimOutputFolder(output, locks))();
  await mkdir(join(output, 'cells', 'old'), { recursive: true });
  await (await claimOutputFolder(output, locks))();
  expect(await readdir(output)).toEqual(['.vmtest-results']);
});

test.each([
  [
    'a folder with files of somebody else',
    'OUTPUT_NOT_OURS',
    async (path: string) => {
      await mkdir(path);
      await writeFile(join(path, 'diary.txt'), '');
    },
  ],
  ['a file', 'OUTPUT_NOT_A_FOLDER', (path: string) => writeFile(path, '')],
])('refuses %s, and leaves it as it was', async (_what, code, make) => {
  const scratch = await scratchFolder();
  const output = join(scratch, 'results');
  await make(output);
  await expect(claimOutputFolder(output, createLocks(join(scratch, 'locks')))).rejects.toMatchObject({
    code,
  });
  expect(await readdir(scratch)).toContain('results');
});

test('keeps a second run out until the first is done', async () => {
  const scratch = await scratchFolder();
  const locks = createLocks(join(scratch, 'locks'));
  const unlock = await claimOutputFolder(join(scratch, 'results'), locks);
  await expect(claimOutputFolder(join(scratch, 'results'), locks)).rejects.toMatchObject({
    code: 'OUTPUT_IN_USE',
  });
  await unlock();
  await (await claimOutputFolder(join(scratch, 'results'), locks))();
});
