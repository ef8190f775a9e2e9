/** Folders that never change once they are whole. A seal in them lists their files, so that what was cut or lost later is seen. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Name of the seal, a file in the folder: sizes in bytes, by name. */
const SEAL = 'seal.json';

/** Of the files that are there now; it has no folders in it. */
export async function sealFolder(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== SEAL);
  const sizes = await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).size]));
  await writeFile(join(folder, SEAL), `${JSON.stringify(Object.fromEntries(sizes))}\n`, { mode: 0o600 });
}

/** Whether every file has the size that it had. Their bytes are not read: a gigabyte of memory would take seconds. */
export async function isSealIntact(folder: string): Promise<boolean> {
  try {
    const sizes: unknown = JSON.parse(await readFile(join(folder, SEAL), 'utf8'));
    if (typeof sizes !== 'object' || sizes === null) return false;
    const same = await Promise.all(
      Object.entries(sizes).map(async ([name, size]) => (await stat(join(folder, name))).size === size),
    );
    return same.length > 0 && same.every(Boolean);
  } catch {
    return false;
  }
}
