/** Files and folders that a dead run must not leave. What vmtest keeps on purpose is told by its place and its name. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Memories, finished clean states, and the folders for everything. */
const KEPT = [
  /\/vmtest$/,
  /\/vmtest\/(leases|machines|locks|history|host-keys|content|templates|v86)$/,
  /\/vmtest\/history\/[0-9a-f]{32}\.json$/,
  /\/vmtest\/host-keys\/[0-9a-f]{64}$/,
  /\/vmtest\/content\/[0-9a-f]{32}\.json$/,
  /\/vmtest\/(templates|v86)\/[0-9a-f]{32,64}(\/[a-z0-9.-]+)?$/,
  /\/vmtest\/locks\/[^/]+$/,
];

/** A generation of a lock, of vmtest or of a stand-in, and what it says of its owner. */
const LOCK = /(?:\/vmtest\/|\.)locks\/[^/]+\/\d+(?:\/(free|held\..*))?$/;

export async function filesIn(folders: readonly string[], except: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const folder of folders) {
    for (const entry of await below(folder)) {
      const path = join(entry.parentPath, entry.name);
      if (except.some((other) => path === other || path.startsWith(`${other}/`))) continue;
      const line = lineOf(path, entry);
      if (line !== undefined) lines.push(line);
    }
  }
  return lines;
}

function lineOf(path: string, entry: Dirent): string | undefined {
  const lock = LOCK.exec(path);
  if (lock) return lock[1]?.startsWith('held') ? `lock ${path}` : undefined;
  if (KEPT.some((kept) => kept.test(path))) return undefined;
  return `${entry.isDirectory() ? 'folder' : 'file'} ${path}`;
}

/** Again when a folder vanishes while it is read. */
async function below(folder: string): Promise<Dirent[]> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await readdir(folder, { recursive: true, withFileTypes: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' || tries > 5) throw error;
    }
  }
}
