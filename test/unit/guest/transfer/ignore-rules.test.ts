import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IgnoreRules } from '../../../../src/guest/transfer/ignore-rules.ts';
import { walkTree } from '../../../../src/guest/transfer/walk.ts';
import { scratchFolder } from '../../../support/scratch.ts';

async function tree(files: Record<string, string>): Promise<string> {
  const root = await scratchFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

async function taken(root: string, { exclude = [] as string[], gitignore = true } = {}): Promise<string[]> {
  const rules = await IgnoreRules.forRoot(root, exclude, gitignore);
  const paths: string[] = [];
  for await (const { path, kind } of walkTree(root, rules, gitignore, () => {})) {
    if (kind !== 'folder') paths.push(path);
  }
  return paths;
}

const names = ['a', 'b', 'build', 'x.log', 'y.txt', '.hidden'];
const path = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((parts) =>
    parts.map((part, index) => (index < parts.length - 1 ? part.replace('.', '_') : part)).join('/'),
  );
const pattern = fc
  .oneof(
    fc.tuple(
      fc.constantFrom('', '!', '/', '!/'),
      fc.constantFrom(
        'a',
        'b',
        'build',
        '*.log',
        'a/b',
        '**/a',
        'a/**',
        'b/*',
        'x_log',
        '*',
        '.*',
        'a/**/b',
        '[ab]',
        'y.tx?',
      ),
      fc.constantFrom('', '/', ' '),
    ),
    fc.constantFrom('', '#comment', '\\#a', '\\!a'),
  )
  .map((parts) => (typeof parts === 'string' ? parts : parts.join('')));
const ignoreFile = fc.array(pattern, { maxLength: 4 }).map((lines) => lines.join('\n'));

const hasGit = spawnSync('git', ['--version']).status === 0;

test.skipIf(!hasGit)('takes what git would take, whatever the patterns', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(path, { minLength: 3, maxLength: 12 }),
      fc.dictionary(fc.constantFrom('', 'a/', 'b/', 'build/', 'a/b/'), ignoreFile, { maxKeys: 3 }),
      async (paths, ignores) => {
        // A path cannot be a file and a folder.
        const files = paths.filter((each) => !paths.some((other) => other.startsWith(`${each}/`)));
        const folders = new Set(files.flatMap((each) => foldersOf(each)));
        const all = Object.fromEntries([
          ...files.map((each) => [each, '']),
          ...Object.entries(ignores)
            .filter(([folder]) => folder === '' || folders.has(folder))
            .map(([folder, text]) => [`${folder}.gitignore`, text]),
        ]);
        const root = await tree(all);
        execFileSync('git', ['init', '-q', root]);
        const git = execFileSync(
          'git',
          ['-C', root, 'ls-files', '-z', '--others', '--exclude-per-directory=.gitignore'],
          {
            encoding: 'utf8',
          },
        );
        expect((await taken(root)).sort()).toEqual(git.split('\0').slice(0, -1).sort());
      },
    ),
    { numRuns: 40 },
  );
});

describe('the rules', () => {
  test("never take git's own files, of the tree or of trees in it", async () => {
    const root = await tree({
      '.git/config': '',
      'sub/.git': 'gitdir: elsewhere',
      'sub/x': '',
      '.github/ci.yml': '',
    });
    expect(await taken(root)).toEqual(['.github/ci.yml', 'sub/x']);
    expect(await taken(root, { gitignore: false, exclude: ['!.git'] })).toEqual(['.github/ci.yml', 'sub/x']);
  });

  test('heed the matrix file last, which can bring back what git ignores', async () => {
    const root = await tree({
      '.gitignore': 'dist/\n*.log\n',
      'dist/app.js': '',
      'dist/x.log': '',
      'src/a.ts': '',
      'b.log': '',
    });
    expect(await taken(root)).toEqual(['.gitignore', 'src/a.ts']);
    expect(await taken(root, { exclude: ['!dist/', '/src', '.gitignore'] })).toEqual(['dist/app.js']);
    expect(await taken(root, { exclude: ['*.ts'], gitignore: false })).toEqual([
      '.gitignore',
      'b.log',
      'dist/app.js',
      'dist/x.log',
    ]);
  });

  test('include those of the repository above the tree', async () => {
    const root = await tree({
      '.git/HEAD': '',
      '.gitignore': '*.log\n/packages/a/tmp\n/src\n',
      'packages/.gitignore': 'out\n',
      'packages/a/x.log': '',
      'packages/a/tmp/y': '',
      'packages/a/out/z': '',
      'packages/a/src/kept': '',
    });
    expect(await taken(join(root, 'packages/a'))).toEqual(['src/kept']);
    expect(await taken(join(root, 'packages/a'), { exclude: ['/src'] })).toEqual([]);
    expect(await taken(join(root, 'packages/a'), { exclude: ['/packages/a/src'] })).toEqual(['src/kept']);
  });

  test('do not empty a tree that git ignores as a whole: it is meant', async () => {
    const root = await tree({
      '.git/HEAD': '',
      '.gitignore': 'dist\n',
      'dist/app.js': '',
      'dist/.gitignore': '*.map',
      'dist/app.map': '',
    });
    expect(await taken(join(root, 'dist'))).toEqual(['.gitignore', 'app.js']);
  });

  test('read ignore files as git does: no links, any line ends, a mark at the start', async () => {
    const root = await tree({
      patterns: 'a\n',
      a: '',
      b: '',
      c: '',
      'sub/.gitignore': '\uFEFFb\r\nc\r\n',
      'sub/b': '',
      'sub/c': '',
      'sub/d': '',
    });
    await symlink('patterns', join(root, '.gitignore'));
    expect(await taken(root)).toEqual(['.gitignore', 'a', 'b', 'c', 'patterns', 'sub/.gitignore', 'sub/d']);
  });

  test('keep to their folder, though its name be a pattern', async () => {
    const root = await tree({
      'a[1]/.gitignore': 'x\n',
      'a[1]/x': '',
      'a1/x': '',
      'b*/.gitignore': '/y',
      'b*/y': '',
      'bb/y': '',
    });
    expect(await taken(root)).toEqual(['a1/x', 'a[1]/.gitignore', 'b*/.gitignore', 'bb/y']);
  });
});

function foldersOf(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`);
}
