import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OutputFiles } from '../../../../reporters/html/read-ends.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

async function output(
  files: Record<string, string | Buffer>,
): Promise<{ folder: string; files: OutputFiles }> {
  const folder = join(await scratchFolder(), 'output');
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return { folder, files: new OutputFiles(folder) };
}

describe('texts', () => {
  test('a short one is whole', async () => {
    const { files } = await output({ 'a.log': 'héllo\n' });
    expect(await files.ends('a.log', 100)).toEqual({ text: 'héllo\n', size: 7, cut: false });
  });

  test('of a long one whole lines of both ends are kept', async () => {
    const { files } = await output({ 'a.log': `first\n${'middle\n'.repeat(10_000)}last\n` });
    const ends = await files.ends('a.log', 200);
    expect(ends).toMatchObject({ size: 70_011, cut: true });
    expect(ends?.text).toMatch(/^first\n(middle\n)+\n\[… 69,8\d\d bytes left out …\]\n\n(middle\n)+last\n$/);
  });

  test('what is no text, or not there, is left out', async () => {
    const { files } = await output({ 'a.bin': Buffer.from([1, 0, 2]) });
    expect(await files.ends('a.bin', 100)).toBeUndefined();
    expect(await files.ends('a.bin', 100, true)).toMatchObject({ text: '\u0001\u0000\u0002' });
    expect(await files.ends('b.log', 100)).toBeUndefined();
    expect(await files.ends('.', 100)).toBeUndefined();
  });

  test('nothing outside the folder is read, by whatever name', async () => {
    const { folder, files } = await output({});
    await writeFile(join(folder, '..', 'secret'), 'secret');
    await symlink(join(folder, '..', 'secret'), join(folder, 'link'));
    expect(await files.ends('../secret', 100)).toBeUndefined();
    expect(await files.ends('link', 100)).toBeUndefined();
  });

  test.skipIf(process.platform === 'win32')('a named pipe keeps nobody waiting', async () => {
    const { folder, files } = await output({});
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await files.ends('pipe', 100)).toBeUndefined();
  });
});

test('only small PNGs become pictures', async () => {
  const { files } = await output({ 'a.png': PNG, 'b.png': '<svg onload="alert(1)"/>' });
  expect(await files.png('a.png', 100)).toBe('data:image/png;base64,iVBORw0KGgo=');
  expect(await files.png('a.png', 4)).toBeUndefined();
  expect(await files.png('b.png', 100)).toBeUndefined();
});
