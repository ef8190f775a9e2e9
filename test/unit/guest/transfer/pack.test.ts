import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { extract } from 'tar';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type PackRequest, packTree } from '../../../../src/guest/transfer/pack.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const never = new AbortController().signal;

async function pack(from: string, over: Partial<PackRequest> = {}) {
  const file = join(await scratchFolder(), 'tree.tar');
  const packed = await packTree({ from, exclude: [], gitignore: true, file, signal: never, ...over });
  return { ...packed, file };
}

/** Everything in a tree: what each path is, and holds. */
async function contents(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const inside = relative(root, path);
    if (entry.isDirectory()) found[inside] = 'folder';
    else if (entry.isSymbolicLink()) found[inside] = `link to ${await readlink(path)}`;
    else
      found[inside] = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
  }
  return found;
}

/** Programs that guests unpack with. */
const tars = [['tar'], ['busybox', 'tar'], ['bsdtar']].filter(
  ([program]) => spawnSync(program ?? '', ['--help']).status === 0,
);

async function sample(): Promise<string> {
  const root = await scratchFolder();
  await mkdir(join(root, 'b/empty'), { recursive: true });
  await mkdir(join(root, 'd'.repeat(90), 'e'.repeat(120)), { recursive: true });
  await writeFile(join(root, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await chmod(join(root, 'run.sh'), 0o755);
  await writeFile(join(root, 'b', 'secret'), 'x'.repeat(512));
  await chmod(join(root, 'b', 'secret'), 0o400);
  await writeFile(join(root, 'ü 😀 "name"\n'), 'odd');
  await writeFile(join(root, 'd'.repeat(90), 'e'.repeat(120), `${'ü'.repeat(60)}.txt`), 'deep');
  await writeFile(join(root, '-rf'), '');
  await writeFile(join(root, 'big'), Buffer.alloc(2_500_001, 'B'));
  await symlink('../run.sh', join(root, 'b', 'link'));
  await symlink('n'.repeat(150), join(root, 'dangling'));
  await utimes(join(root, 'run.sh'), new Date('2020-02-02T02:02:02Z'), new Date('2020-02-02T02:02:02Z'));
  return root;
}

describe.each(tars.map((argv) => ({ name: argv.join(' '), argv })))(
  'what is packed, $name unpacks',
  ({ argv }) => {
    test('to the same tree', async () => {
      const root = await sample();
      const { file, files } = await pack(root);
      const out = await scratchFolder();
      const [program = '', ...args] = argv;
      const { status, stderr } = spawnSync(program, [...args, '-xpf', file, '-C', out], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(files).toBe(6);
      expect(await contents(out)).toEqual(await contents(root));
      const mode = async (path: string) => (await lstat(join(out, path))).mode & 0o777;
      expect([await mode('run.sh'), await mode('b/secret')]).toEqual([0o755, 0o400]);
      expect((await stat(join(out, 'run.sh'))).mtime).toEqual(new Date('2020-02-02T02:02:02Z'));
      expect(await readlink(join(out, 'dangling'))).toBe('n'.repeat(150));
      expect((await stat(join(out, 'b/empty'))).isDirectory()).toBe(true);
    });
  },
);

test('the same tree gives the same bytes, in whatever order it was made', async () => {
  const time = new Date('2021-01-01T00:00:00Z');
  const make = async (names: string[]) => {
    const root = await mkdtemp(join(await scratchFolder(), 'tree'));
    await mkdir(join(root, 'sub'));
    for (const name of names) {
      await writeFile(join(root, name), name);
      await chmod(join(root, name), 0o644);
      await utimes(join(root, name), time, time);
    }
    await utimes(join(root, 'sub'), time, time);
    return readFile((await pack(root)).file);
  };
  const names = ['b', 'a', 'sub/z', 'sub/y', 'B', 'a.b', 'sub.x'];
  expect((await make(names)).equals(await make(names.reverse()))).toBe(true);
});

test('counts files and bytes', async () => {
  const root = await scratchFolder();
  await writeFile(join(root, 'a'), 'x');
  await mkdir(join(root, 'sub'));
  const { file, files, bytes, notes } = await pack(root);
  // A header and a block for the file, a header for the folder, two empty blocks.
  expect({ files, bytes, notes }).toEqual({ files: 1, bytes: 5 * 512, notes: [] });
  expect((await stat(file)).size).toBe(bytes);
});

test('leaves out and tells what a tar cannot carry', async () => {
  const root = await scratchFolder();
  const server = createServer().listen(join(root, 'socket'));
  onTestFinished(() => void server.close());
  spawnSync('mkfifo', [join(root, 'pipe')]);
  await writeFile(join(root, 'a'), '');
  const { files, notes } = await pack(root);
  expect({ files, notes }).toEqual({
    files: 1,
    notes: [
      'pipe was not uploaded: it is a socket, a pipe or a device',
      'socket was not uploaded: it is a socket, a pipe or a device',
    ],
  });
});

test('keeps the notes readable', async () => {
  const root = await scratchFolder();
  for (let index = 0; index < 13; index += 1) spawnSync('mkfifo', [join(root, `pipe${index}`)]);
  const { notes } = await pack(root);
  expect(notes).toHaveLength(11);
  expect(notes.at(-1)).toBe('… and 3 more like these');
});

test('takes hard links as files of their own', async () => {
  const root = await scratchFolder();
  await writeFile(join(root, 'a'), 'same');
  await link(join(root, 'a'), join(root, 'b'));
  const { file } = await pack(root);
  const out = await scratchFolder();
  await extract({ file, cwd: out });
  expect([await readFile(join(out, 'b'), 'utf8'), (await stat(join(out, 'b'))).nlink]).toEqual(['same', 1]);
});

test('does not pack itself, and follows a link to the root only', async () => {
  const root = await scratchFolder();
  await writeFile(join(root, 'a'), 'x');
  const file = join(root, 'tree.tar');
  await symlink(root, `${root}-link`);
  onTestFinished(() => rm(`${root}-link`));
  expect(
    await packTree({ from: `${root}-link`, exclude: [], gitignore: true, file, signal: never }),
  ).toMatchObject({ files: 1 });
});

test('says what is wrong with the tree', async () => {
  const root = await scratchFolder();
  await writeFile(join(root, 'file'), '');
  for (const from of [join(root, 'missing'), join(root, 'file')]) {
    await expect(pack(from)).rejects.toMatchObject({
      code: 'UPLOAD_MISSING',
      hint: expect.stringContaining('upload.from'),
    });
  }
});

test.skipIf(process.getuid?.() === 0)('does not upload half a tree in silence', async () => {
  const root = await scratchFolder();
  await writeFile(join(root, 'private'), '');
  await chmod(join(root, 'private'), 0);
  await expect(pack(root)).rejects.toMatchObject({
    code: 'UPLOAD_UNREADABLE',
    message: expect.stringContaining('private'),
  });
});

test('leaves no file when it is aborted', async () => {
  const root = await scratchFolder();
  await writeFile(join(root, 'a'), 'x');
  const file = join(await scratchFolder(), 'tree.tar');
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(pack(root, { file, signal })).rejects.toThrow('enough');
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
});
