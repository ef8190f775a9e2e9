import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentKey, fileStamp, isQuickToKey } from '../../../src/host/content-key.ts';
import { scratchFolder } from '../../support/scratch.ts';

const never = new AbortController().signal;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const WRONG = '0'.repeat(64);

describe('the key of a file’s content', () => {
  test('is its SHA-256, and follows every change', async () => {
    const folder = await scratchFolder();
    const path = join(folder, 'image');
    await writeFile(path, 'one');
    expect(await contentKey(path, folder, never)).toBe(sha256('one'));
    await writeFile(path, 'two');
    expect(await contentKey(path, folder, never)).toBe(sha256('two'));
    await writeFile(join(folder, 'other'), 'six');
    await rename(join(folder, 'other'), path);
    expect(await contentKey(path, folder, never)).toBe(sha256('six'));
  });

  test('is not believed from a record that speaks of another state of the file', async () => {
    const folder = await scratchFolder();
    const path = join(folder, 'image');
    await writeFile(path, 'one');
    await mkdir(join(folder, 'content'));
    const entry = join(folder, 'content', `${sha256(path).slice(0, 32)}.json`);
    const record = { path, stamp: 'another', sha256: WRONG };
    await writeFile(entry, JSON.stringify(record));
    expect(await contentKey(path, folder, never)).toBe(sha256('one'));
    // A record with the right stamp is believed: that is what saves the reading.
    await writeFile(path, 'two!');
    await writeFile(entry, JSON.stringify({ ...record, stamp: await fileStamp(path) }));
    expect(await contentKey(path, folder, never)).toBe(WRONG);
  });

  test('is not written down for a file that changed just now: the clock is too coarse', async () => {
    const folder = await scratchFolder();
    const path = join(folder, 'image');
    await writeFile(path, 'fresh');
    await contentKey(path, folder, never);
    expect(await readdir(folder)).toEqual(['image']);
  });

  test('is quick to tell for small files, and for large ones that were read before', async () => {
    const folder = await scratchFolder();
    const [small, large] = [join(folder, 'small'), join(folder, 'large')];
    await writeFile(small, 'x');
    await writeFile(large, '');
    await truncate(large, 65 * 1024 ** 2);
    expect(await isQuickToKey(small, folder)).toBe(true);
    expect(await isQuickToKey(large, folder)).toBe(false);
    await contentKey(large, folder, never);
    expect(await isQuickToKey(large, folder)).toBe(true);
    await truncate(large, 66 * 1024 ** 2);
    expect(await isQuickToKey(large, folder)).toBe(false);
  });

  test('the stamp changes with content, even when the time is set back', async () => {
    const path = join(await scratchFolder(), 'image');
    await writeFile(path, 'one');
    await utimes(path, 1, 1);
    const before = await fileStamp(path);
    await writeFile(path, 'two');
    await utimes(path, 1, 1);
    expect(await fileStamp(path)).not.toBe(before);
  });

  test('fails with the reason of the signal', async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, 'image'), 'x');
    await expect(contentKey(join(folder, 'image'), folder, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await contentKey(join(folder, 'image'), folder, never)).toBe(sha256('x'));
  });
});
