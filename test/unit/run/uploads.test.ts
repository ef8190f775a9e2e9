import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createHost } from '../../../src/host/create-host.ts';
import type { Host } from '../../../src/host/host.ts';
import { Uploads } from '../../../src/run/uploads.ts';
import { scratchFolder } from '../../support/scratch.ts';

const never = new AbortController().signal;

async function treeOf(
  folder: string,
  name: string,
): Promise<{ from: string; to: string; exclude: string[]; gitignore: boolean }> {
  const from = join(folder, name);
  await mkdir(from);
  await writeFile(join(from, 'file'), `the ${name} tree`);
  return { from, to: 'work', exclude: [], gitignore: false };
}

async function uploadsIn(folder: string): Promise<{ uploads: Uploads; host: Host }> {
  const host = createHost({ paths: { state: join(folder, 'state'), cache: folder } });
  return { host, uploads: new Uploads(host, 'r', join(folder, 'out')) };
}

test('two trees that are packed side by side do not share a file', async () => {
  const folder = await scratchFolder();
  const { uploads } = await uploadsIn(folder);
  const trees = await Promise.all(['one', 'other'].map((name) => treeOf(folder, name)));
  const packs = await Promise.all(trees.map((tree) => uploads.pack(tree, [], never)));
  const [one, other] = await Promise.all(packs.map((pack) => text(pack.open())));
  expect(one).toContain('the one tree');
  expect(other).toContain('the other tree');
  await uploads.end();
});

test('a lease that could not be had is asked for again, and is no trouble at the end', async () => {
  const folder = await scratchFolder();
  const { uploads, host } = await uploadsIn(folder);
  const tree = await treeOf(folder, 'one');
  await writeFile(join(folder, 'state'), 'in the way');
  await expect(uploads.pack(tree, [], never)).rejects.toMatchObject({ code: 'FILE_NOT_WRITTEN' });
  await uploads.end();
  await rm(join(folder, 'state'));
  const pack = await uploads.pack(tree, [], never);
  expect(await text(pack.open())).toContain('the one tree');
  await uploads.end();
  expect((await host.leases.list()).leases).toEqual([]);
});
