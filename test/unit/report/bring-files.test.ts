import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bringFiles } from '../../../src/report/bring-files.ts';
import type { CellResult } from '../../../src/results/model.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { resultOf, writeRun } from './write-runs.ts';

const [CELL] = resultOf(['a/node=22']).cells as [CellResult];

test('a folder is copied, under the name that the cell has now', async () => {
  const root = await scratchFolder();
  await writeRun(join(root, 'in'), resultOf(['a/node=22']));
  await mkdir(join(root, 'in/cells/a_node-22/artifacts/deep'), { recursive: true });
  await writeFile(join(root, 'in/cells/a_node-22/artifacts/deep/x.log'), 'x');
  const cell = { ...CELL, slug: 'renamed' };
  const { files } = await bringFiles({ cell, folder: join(root, 'in/cells/a_node-22') }, join(root, 'out'));
  expect(files).toEqual({
    output: 'cells/renamed/output.log',
    artifacts: ['cells/renamed/artifacts/deep/x.log'],
  });
  expect(await readFile(join(root, 'out/cells/renamed/output.log'), 'utf8')).toBe('said by a/node=22\n');
});

test('files that a results.json only claims are not named', async () => {
  const root = await scratchFolder();
  const cell = { ...CELL, files: { output: '../../etc/passwd', artifacts: ['/etc/shadow'] } };
  expect((await bringFiles({ cell, folder: join(root, 'cells/nowhere') }, root)).files).toEqual({});
});

test('links are left behind, also where they stand for whole folders', async () => {
  const root = await scratchFolder();
  await mkdir(join(root, 'secret'));
  await writeFile(join(root, 'secret/output.log'), 'secret');
  await mkdir(join(root, 'in/cells/a'), { recursive: true });
  await symlink(join(root, 'secret/output.log'), join(root, 'in/cells/a/output.log'));
  await symlink(join(root, 'secret'), join(root, 'in/cells/a/artifacts'));
  await symlink(join(root, 'secret'), join(root, 'in/cells/b'));
  await symlink(join(root, 'in/cells'), join(root, 'linked'));
  for (const folder of ['in/cells/a', 'in/cells/b', 'linked/a']) {
    const { files } = await bringFiles({ cell: CELL, folder: join(root, folder) }, join(root, 'out'));
    expect({ folder, files }).toEqual({ folder, files: {} });
  }
  // In place nothing is copied: the link stays, and is not named.
  const inPlace = await bringFiles(
    { cell: { ...CELL, slug: 'a' }, folder: join(root, 'in/cells/a') },
    join(root, 'in'),
  );
  expect(inPlace.files).toEqual({});
});

test('foreign files are kept beside each other', async () => {
  const root = await scratchFolder();
  for (const name of ['one', 'two']) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, 'junit.xml'), name);
  }
  const files = [join(root, 'one/junit.xml'), join(root, 'two/junit.xml'), join(root, 'gone.xml')];
  const brought = await bringFiles({ cell: CELL, files }, join(root, 'out'));
  expect(brought.files.results).toEqual([
    'cells/a_node-22/results/2-junit.xml',
    'cells/a_node-22/results/junit.xml',
  ]);
  expect(await readdir(join(root, 'out/cells/a_node-22/results'))).toHaveLength(2);
});
