import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { Header, type HeaderData, Pax } from 'tar';
import { describe, expect, test } from 'vitest';
import { type UnpackRequest, unpack } from '../../../../src/guest/transfer/unpack.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const never = new AbortController().signal;
const END = Buffer.alloc(1024);

function entry(fields: HeaderData, content: Buffer | string = ''): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  new Header({
    mode: 0o644,
    mtime: new Date(0),
    type: 'File',
    ...fields,
    size: fields.size ?? body.length,
  }).encode(header);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

const file = (path: string, content = 'x') => entry({ path }, content);
const long = (path: string) => entry({ path: '././@LongLink', type: 'NextFileHasLongPath' }, `${path}\0`);
const pax = (fields: HeaderData) => new Pax(fields).encode();

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(blocks: Buffer[], over: Partial<UnpackRequest> & { size?: number } = {}) {
  const { size = 700, ...request } = over;
  const into = request.into ?? join(await scratchFolder(), 'out');
  const result = await unpack(pieces(Buffer.concat([...blocks, END]), size), {
    into,
    signal: never,
    ...request,
  });
  return { ...result, into };
}

const reasons = (refused: { path: string; reason: string }[]) =>
  refused.map(({ path, reason }) => `${path}: ${reason}`);

describe('an archive', () => {
  test('becomes files, below folders that it need not name', async () => {
    const { files, refused, into } = await unpacked([
      entry({ path: './', type: 'Directory' }),
      file('./a.xml', 'A'),
      file('deep/er/b.xml', 'B'.repeat(3000)),
      file('empty', ''),
    ]);
    expect({ files, refused }).toEqual({ files: ['a.xml', 'deep/er/b.xml', 'empty'], refused: [] });
    expect(await readFile(join(into, 'deep/er/b.xml'), 'utf8')).toBe('B'.repeat(3000));
    expect((await stat(join(into, 'a.xml'))).mode & 0o111).toBe(0);
  });

  test('may come in pieces of any size', async () => {
    const blocks = [file('a', 'A'.repeat(1500)), file('b', 'B'.repeat(512)), file('c', '')];
    for (const size of [1, 511, 512, 513, 100_000]) {
      expect((await unpacked(blocks, { size })).files).toEqual(['a', 'b', 'c']);
    }
  });

  test('has long names in either way of writing them', async () => {
    const name = (letter: string) => `${letter.repeat(60)}/${'ü'.repeat(60)}.xml`;
    const { files } = await unpacked([
      long(name('g')),
      file('short'),
      pax({ path: name('p') }),
      file('short'),
      file('next'),
    ]);
    expect(files).toEqual([name('g'), name('p'), 'next']);
  });

  test('may be several, one after the other', async () => {
    expect((await unpacked([file('a'), END, Buffer.alloc(10_240), file('b')])).files).toEqual(['a', 'b']);
  });

  test('that breaks off is an error, wherever it does', async () => {
    const whole = Buffer.concat([file('a', 'A'.repeat(600)), long('n'.repeat(120)), file('b'), END]);
    const into = join(await scratchFolder(), 'out');
    for (const length of [0, 100, 512, 700, 1536, 2000, 2560, 3071, whole.length - 1024]) {
      const cut = unpack(pieces(whole.subarray(0, length), 512), { into: `${into}${length}`, signal: never });
      await expect(cut, `cut at ${length}`).rejects.toMatchObject({
        code: 'GUEST_ARCHIVE_DAMAGED',
        retryable: true,
      });
    }
  });

  test('that is damaged, or none, is an error', async () => {
    const flipped = Buffer.concat([file('a'), file('b')]);
    flipped[1024 + 5] = 0x7a;
    const gzipped = Buffer.from([0x1f, 0x8b, ...Buffer.alloc(1022, 1)]);
    const sizeless = file('a');
    sizeless.fill('z', 124, 136);
    const text = Buffer.alloc(1024, 'Welcome!\n');
    for (const bytes of [flipped, gzipped, sizeless, text]) {
      await expect(unpacked([bytes])).rejects.toMatchObject({ code: 'GUEST_ARCHIVE_DAMAGED' });
    }
    await expect(
      unpacked([entry({ path: 'L', type: 'NextFileHasLongPath' }, 'n'.repeat(100_000)), file('a')]),
    ).rejects.toMatchObject({
      code: 'GUEST_ARCHIVE_DAMAGED',
    });
  });

  test('of nothing but padding does not go on for ever', async () => {
    const zeros = (async function* () {
      for (;;) yield Buffer.alloc(64 * 1024);
    })();
    const into = join(await scratchFolder(), 'out');
    await expect(unpack(zeros, { into, signal: never })).rejects.toMatchObject({
      code: 'GUEST_ARCHIVE_DAMAGED',
    });
  });
});

describe('what is refused, and told', () => {
  test('paths that leave their folder or trouble some system', async () => {
    const bad = [
      '/etc/passwd',
      '../up',
      'a/../../up',
      'a/./b',
      'a//b',
      'C:/x',
      'a\\b',
      'line\nbreak',
      'bell\x07',
      'nul.txt',
      'sub/COM1',
      'Aux.tar.gz',
      'lpt¹',
      'dot.',
      'space ',
      'dot./x',
      'x'.repeat(256),
      `${'d/'.repeat(600)}x`,
    ];
    const blocks = bad.flatMap((path) => [long(path), file('y')]);
    const { files, refused, into } = await unpacked([...blocks, file('good')]);
    expect(files).toEqual(['good']);
    expect(refused.map(({ path }) => path)).toEqual(bad);
    expect(await readdir(into)).toEqual(['good']);
  });

  test('everything that is no regular file', async () => {
    const { files, refused } = await unpacked([
      entry({ path: 'soft', type: 'SymbolicLink', linkpath: '/etc/passwd' }),
      entry({ path: 'hard', type: 'Link', linkpath: 'good' }),
      entry({ path: 'char', type: 'CharacterDevice' }),
      entry({ path: 'block', type: 'BlockDevice' }),
      entry({ path: 'pipe', type: 'FIFO' }),
      file('good'),
    ]);
    expect(files).toEqual(['good']);
    expect(reasons(refused)).toEqual([
      'soft: it is no regular file (SymbolicLink)',
      'hard: it is no regular file (Link)',
      'char: it is no regular file (CharacterDevice)',
      'block: it is no regular file (BlockDevice)',
      'pipe: it is no regular file (FIFO)',
    ]);
  });

  test('names that meet on some file system', async () => {
    const { files, refused } = await unpacked([
      file('a', 'first'),
      file('a', 'second'),
      file('A'),
      file('a/b'),
      file('dir/x'),
      file('dir'),
      file('Dir/y'),
      file('u\u0308'),
      file('ü'),
    ]);
    expect(files).toEqual(['a', 'dir/x', 'u\u0308']);
    expect(reasons(refused)).toEqual([
      'a: it comes twice',
      'A: only case tells it from a',
      'a/b: a is a file already',
      'dir: dir is a folder already',
      'Dir/y: only case tells Dir from dir',
      'ü: only case tells it from u\u0308',
    ]);
  });

  test('what nobody asked for', async () => {
    const { files, refused } = await unpacked([file('a'), file('b')], { wanted: (path) => path === 'a' });
    expect([files, reasons(refused)]).toEqual([['a'], ['b: nobody asked for it']]);
  });

  test('what is over the limits; the rest is still taken', async () => {
    const limits = { files: 3, fileBytes: 1000, totalBytes: 1500 };
    const large = [
      file('big', 'x'.repeat(1001)),
      file('a', 'x'.repeat(1000)),
      file('b'),
      file('c'),
      file('d'),
    ];
    const byFile = await unpacked(large, { limits });
    expect(byFile.files).toEqual(['a', 'b', 'c']);
    expect(reasons(byFile.refused)).toEqual([
      'big: its 1001 bytes are over the limit of 1000',
      'd: the limit of 3 files is reached',
    ]);
    const byTotal = await unpacked([file('a', 'x'.repeat(1000)), file('b', 'x'.repeat(501)), file('c')], {
      limits,
    });
    expect(byTotal.files).toEqual(['a', 'c']);
    expect(reasons(byTotal.refused)).toEqual(['b: the limit of 1500 bytes for all files is reached']);
  });

  test('and does not keep us reading for ever', async () => {
    const limits = { files: 10, fileBytes: 1000, totalBytes: 5000 };
    const endless = (async function* () {
      for (;;) yield file('big', 'x'.repeat(2000));
    })();
    const into = join(await scratchFolder(), 'out');
    expect(await unpack(endless, { into, limits, signal: never })).toMatchObject({
      files: [],
      stopped: 'too many bytes were refused',
    });
    const many = (async function* () {
      for (;;) yield file('../x', '');
    })();
    expect(await unpack(many, { into, limits, signal: never })).toMatchObject({
      stopped: 'too many files were refused',
    });
  });
});

describe('the folder on this host', () => {
  test('is written to only inside, also where there are links already', async () => {
    const outside = await scratchFolder();
    const into = await scratchFolder();
    await writeFile(join(outside, 'precious'), 'old');
    await symlink(outside, join(into, 'sub'));
    await symlink(join(outside, 'precious'), join(into, 'link'));
    await symlink(join(outside, 'new'), join(into, 'dangling'));
    await writeFile(join(into, 'there'), 'old');
    await mkdir(join(into, 'folder'));
    const { files, refused } = await unpacked(
      [file('sub/evil'), file('link'), file('dangling'), file('there'), file('there/x'), file('folder/fine')],
      { into },
    );
    expect(files).toEqual(['folder/fine']);
    expect(refused).toHaveLength(5);
    expect(await readdir(outside)).toEqual(['precious']);
    expect([
      await readFile(join(outside, 'precious'), 'utf8'),
      await readFile(join(into, 'there'), 'utf8'),
    ]).toEqual(['old', 'old']);
  });

  test('holds no half of a file when the archive breaks off or the signal ends it', async () => {
    const into = await scratchFolder();
    const half = Buffer.concat([file('whole'), file('half', 'x'.repeat(5000))]).subarray(0, 3000);
    await expect(unpack(pieces(half, 512), { into, signal: never })).rejects.toThrow('too early');
    expect(await readdir(into)).toEqual(['whole']);
    const abort = new AbortController();
    const slow = (async function* () {
      yield* pieces(half.subarray(1024), 512);
      abort.abort(new Error('enough'));
      yield Buffer.alloc(512);
    })();
    await expect(unpack(slow, { into: join(into, 'two'), signal: abort.signal })).rejects.toThrow('enough');
    expect(await readdir(join(into, 'two'))).toEqual([]);
  });

  test('is all that a guest can reach, whatever it sends', async () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'b', 'A', 'con', 'x.', '/', 'sub', 'lnk');
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const type = fc.constantFrom('File', 'File', 'File', 'SymbolicLink', 'Link', 'Directory', 'FIFO');
    const made = fc.record({ path, type, linkpath: path, content: fc.string({ maxLength: 20 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(made, { maxLength: 12 }), async (entries) => {
        const around = await scratchFolder();
        const into = join(around, 'in', 'out');
        const blocks = entries.flatMap(({ path, type, linkpath, content }) => [
          long(path),
          entry(
            { path: 'x', type: type as 'File', ...(/Link/.test(type) ? { linkpath: linkpath || 'x' } : {}) },
            type === 'File' && !path.endsWith('/') ? content : '',
          ),
        ]);
        const { files, refused } = await unpacked(blocks, { into });
        const there = await readdir(around, { recursive: true, withFileTypes: true });
        const found = there.filter((each) => !each.isDirectory());
        expect(found.every((each) => each.isFile())).toBe(true);
        expect(found.map((each) => join(each.parentPath, each.name)).sort()).toEqual(
          files.map((each) => join(into, each)).sort(),
        );
        // A file whose name ends in a slash is a folder, to any tar.
        const isFolder = (each: { type: string; path: string }) =>
          each.type === 'Directory' || (each.type === 'File' && each.path.endsWith('/'));
        expect(files.length + refused.length).toBe(entries.filter((each) => !isFolder(each)).length);
      }),
      { numRuns: 60 },
    );
  });
});
