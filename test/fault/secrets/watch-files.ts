/** Looks again and again for texts in the files of folders that others write to. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds between looks. A lease lies there as long as its machine lives. */
const PAUSE_MS = 100;
/** Bytes of a file that are looked at: what is longer is a disk or a memory of a guest. */
const MOST = 4 * 1024 * 1024;

/** @returns the files that held any of the texts at any look, until the signal. */
export async function watchFiles(
  folders: readonly string[],
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const found = new Set<string>();
  for (;;) {
    const isLast = signal.aborted;
    for (const folder of folders) for (const file of await filesWith(folder, texts)) found.add(file);
    if (isLast) return found;
    await delay(PAUSE_MS);
  }
}

/** Paths of the files below a folder that hold any of the texts. */
export async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const held = await Promise.all(files.map(async (file) => holds(await beginningOf(file), texts)));
  return files.filter((_, index) => held[index]);
}

function holds(bytes: Buffer, texts: readonly string[]): boolean {
  return texts.some((text) => bytes.includes(text));
}

/** Empty when it has gone meanwhile. */
async function beginningOf(file: string): Promise<Buffer> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, MOST)), 0, undefined, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
