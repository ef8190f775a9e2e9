/**
 * What an upload leaves out: what `.gitignore` files say, as git reads them, and after them the matrix file's own
 * patterns, which therefore have the last word (`!dist/` brings back a folder that git ignores). `.git` is never uploaded.
 */
import { lstat, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** git's default there: names that differ only in case are one file. */
const IGNORE_CASE = process.platform === 'win32' || process.platform === 'darwin';

export class IgnoreRules {
  readonly #root: string;
  /** Path of the root below the top of its repository: `packages/a/`. Patterns are all made relative to that top. */
  readonly #prefix: string;
  readonly #exclude: readonly string[];
  readonly #git: readonly string[];
  readonly #matcher: Ignore;

  private constructor(root: string, prefix: string, exclude: readonly string[], git: readonly string[]) {
    this.#root = root;
    this.#prefix = prefix;
    this.#exclude = exclude;
    this.#git = git;
    this.#matcher = ignore({ ignorecase: IGNORE_CASE }).add([...git, ...exclude]);
  }

  /** @param gitignore take in the `.gitignore` files of the repository around the root. */
  static async forRoot(root: string, exclude: readonly string[], gitignore: boolean): Promise<IgnoreRules> {
    const alone = new IgnoreRules(root, '', exclude, []);
    const top = gitignore ? await repositoryTop(root) : undefined;
    if (top === undefined || top === root) return alone;
    const prefix = `${relative(top, root).split(sep).join('/')}/`;
    const git: string[] = [];
    for (const folder of foldersBetween(top, root)) {
      git.push(...(await readPatterns(folder, relative(top, folder).split(sep).join('/'))));
    }
    const rules = new IgnoreRules(root, prefix, rebase(exclude, prefix), git);
    // Whoever uploads a folder that git ignores, such as a build's output, means it.
    return rules.#matcher.test(prefix).ignored ? alone : rules;
  }

  /** These rules with those of a folder's `.gitignore`. */
  async enter(folder: string): Promise<IgnoreRules> {
    const patterns = await readPatterns(join(this.#root, folder), `${this.#prefix}${folder}`);
    if (patterns.length === 0) return this;
    return new IgnoreRules(this.#root, this.#prefix, this.#exclude, [...this.#git, ...patterns]);
  }

  /** @param path relative to the root, with `/`; the folders above it are known not to be left out. */
  leavesOut(path: string, isFolder: boolean): boolean {
    if (path === '.git' || path.endsWith('/.git')) return true;
    return this.#matcher.test(`${this.#prefix}${path}${isFolder ? '/' : ''}`).ignored;
  }
}

/** Undefined when the folder lies in no repository. */
async function repositoryTop(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    if (await lstat(join(at, '.git')).catch(() => undefined)) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** From the top down to the parent of `folder`. */
function foldersBetween(top: string, folder: string): string[] {
  const folders: string[] = [];
  for (let at = dirname(folder); at !== dirname(top); at = dirname(at)) folders.unshift(at);
  return folders;
}

/** Patterns of a folder's `.gitignore`. One that is a link is none, to git either. */
async function readPatterns(folder: string, base: string): Promise<string[]> {
  const path = join(folder, '.gitignore');
  const there = await lstat(path).catch(() => undefined);
  if (!there?.isFile()) return [];
  const text = await readFile(path, 'utf8');
  return rebase(text.replace(/^\uFEFF/, '').split(/\r?\n/), base);
}

/**
 * Patterns of a folder as patterns of a folder above it. One with a slash in it (but at its end) is anchored to its
 * folder, others match at any depth below.
 */
function rebase(patterns: readonly string[], base: string): string[] {
  const folder = base.replace(/\/$/, '').replace(/[\\*?[\]!# ]/g, '\\$&');
  return patterns
    .filter((pattern) => pattern.trim() !== '' && !pattern.startsWith('#'))
    .map((pattern) => {
      if (folder === '') return pattern;
      const negation = pattern.startsWith('!') ? '!' : '';
      const body = pattern.slice(negation.length);
      const anchored = /\/./.test(body.trimEnd());
      return `${negation}/${folder}/${anchored ? body.replace(/^\//, '') : `**/${body}`}`;
    });
}
