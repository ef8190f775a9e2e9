/** A tree on the host, in an order that depends on names alone. */
import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { IgnoreRules } from './ignore-rules.ts';

export interface TreeEntry {
  /** Relative to the root, with `/`. */
  path: string;
  kind: 'file' | 'folder' | 'link';
  stats: Stats;
}

/** Told of what cannot be taken along, and why not. */
export type OnSkipped = (path: string, why: string) => void;

/** Everything below `root` that the rules let through, folders before what they hold. */
export async function* walkTree(
  root: string,
  rules: IgnoreRules,
  gitignore: boolean,
  onSkipped: OnSkipped,
): AsyncGenerator<TreeEntry, void> {
  yield* walkFolder(root, '', rules, gitignore, onSkipped);
}

async function* walkFolder(
  root: string,
  folder: string,
  above: IgnoreRules,
  gitignore: boolean,
  onSkipped: OnSkipped,
): AsyncGenerator<TreeEntry, void> {
  const rules = gitignore ? await above.enter(folder) : above;
  const names = (await readdir(join(root, folder))).sort();
  for (const name of names) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const stats = await lstat(join(root, path)).catch(ignoreVanished);
    if (stats === undefined) {
      if (name.includes('\uFFFD')) onSkipped(path, 'its name is not UTF-8');
      continue;
    }
    if (rules.leavesOut(path, stats.isDirectory())) continue;
    const kind = kindOf(stats);
    if (kind === undefined) onSkipped(path, 'it is a socket, a pipe or a device');
    else yield { path, kind, stats };
    if (kind === 'folder') yield* walkFolder(root, path, rules, gitignore, onSkipped);
  }
}

function kindOf(stats: Stats): TreeEntry['kind'] | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : undefined;
}

function ignoreVanished(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
