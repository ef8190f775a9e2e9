/** The folders of merged cells, brought together below one output folder. */
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { cellFiles, RESULTS_FOLDER } from '../results/cell-files.ts';
import type { CellResult } from '../results/model.ts';
import type { MergedCell } from './merge.ts';

/**
 * Copies what the cell left, and answers with the cell whose `files` are those that are really there: whatever a
 * results.json of unknown origin says, no report will name a file outside the output folder.
 */
export async function bringFiles(
  { cell, folder, files = [] }: MergedCell,
  output: string,
): Promise<CellResult> {
  const prefix = `cells/${cell.slug}`;
  const own = join(output, 'cells', cell.slug);
  if (folder !== undefined && resolve(folder) !== own && (await isRealFolder(folder)))
    await copyFolder(folder, own);
  if (files.length > 0) await copyResults(files, join(own, RESULTS_FOLDER));
  return { ...cell, files: await cellFiles(own, prefix) };
}

/** False also when `cells` or the cell's folder is a link: whoever made the results could have it point anywhere. */
async function isRealFolder(folder: string): Promise<boolean> {
  const looks = await Promise.all(
    [dirname(folder), folder].map((path) => lstat(path).catch(() => undefined)),
  );
  return looks.every((look) => look?.isDirectory());
}

/** Links are left behind. */
async function copyFolder(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true });
  if (entries.length > 0) await mkdir(to, { recursive: true });
  for (const entry of entries) {
    if (entry.isDirectory()) await copyFolder(join(from, entry.name), join(to, entry.name));
    else if (entry.isFile()) await copy(join(from, entry.name), join(to, entry.name));
  }
}

/** A file that cannot be read has made its cell an error already. */
async function copyResults(files: readonly string[], to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const used = new Set<string>();
  for (const file of files) {
    const plain = basename(file);
    const name = used.has(plain) ? `${used.size + 1}-${plain}` : plain;
    used.add(name);
    const target = join(to, name);
    if (resolve(file) !== target) await copy(file, target).catch(() => {});
  }
}

/** Without using space twice, on file systems that can. */
function copy(from: string, to: string): Promise<void> {
  return copyFile(from, to, constants.COPYFILE_FICLONE);
}
