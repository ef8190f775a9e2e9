/**
 * Names for what lies beside its place until it is whole. They say who writes there, so that what a dead process left can
 * be told from what a living one is about to finish.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { namesIn } from './names-in.ts';
import { ownIdentity, readTag, tagOf } from './process-identity.ts';

/** In the same folder as the path itself, and different at every call. */
export function temporaryName(path: string): string {
  return `${path}.${tagOf(ownIdentity())}.${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Removes what dead processes left unfinished in a folder. Of no consequence where it cannot: the next one tries again.
 * @param options.of only beside that name. Default: all.
 * @returns the paths; with `dryRun` it only says.
 */
export async function removeUnfinished(
  folder: string,
  { of, dryRun = false }: { of?: string; dryRun?: boolean } = {},
): Promise<string[]> {
  const found: string[] = [];
  for (const name of await namesIn(folder).catch(() => [])) {
    const [, place, tag = ''] = /^(.+)\.([^.]+)\.[0-9a-f]{8}\.tmp$/.exec(name) ?? [];
    if (of !== undefined && place !== of) continue;
    if (readTag(tag)?.liveness !== 'dead') continue;
    const path = join(folder, name);
    found.push(path);
    if (!dryRun) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
  return found;
}

/** The same for one file, before it is written anew. */
export async function removeUnfinishedBeside(path: string): Promise<void> {
  await removeUnfinished(dirname(path), { of: basename(path) });
}
