/** What a cell left on the disk: its folder in the output folder, as reports name it. */
import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CellFiles } from './model.ts';

export const RESULTS_FOLDER = 'results';
export const ARTIFACTS_FOLDER = 'artifacts';
/** What drivers call it. */
export const CONSOLE_LOG = 'console.log';
export const SCREEN = 'screen.png';

/** The files that are there, below a cell's folder. @param prefix what the folder is called in reports: `cells/<slug>`. */
export async function cellFiles(folder: string, prefix: string): Promise<CellFiles> {
  const there = async (name: string) =>
    (await lookAt(join(folder, name)))?.isFile() ? `${prefix}/${name}` : undefined;
  const [output, console, screen, engine] = await Promise.all(
    ['output.log', CONSOLE_LOG, SCREEN, 'engine.log'].map(there),
  );
  const [results, artifacts] = await Promise.all(
    [RESULTS_FOLDER, ARTIFACTS_FOLDER].map((name) => filesBelow(join(folder, name), `${prefix}/${name}`)),
  );
  return {
    ...(output ? { output } : {}),
    ...(console ? { console } : {}),
    ...(screen ? { screen } : {}),
    ...(engine ? { engine } : {}),
    ...(results?.length ? { results } : {}),
    ...(artifacts?.length ? { artifacts } : {}),
  };
}

/** Links are not followed: they may point anywhere. */
async function lookAt(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}

async function filesBelow(folder: string, prefix: string): Promise<string[]> {
  if (!(await lookAt(folder))?.isDirectory()) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(
      (entry) =>
        `${prefix}/${join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll('\\', '/')}`,
    )
    .sort();
}
