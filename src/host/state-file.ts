/**
 * Small files of ours, read with suspicion: what is not what this program writes is set aside, so that nothing is
 * decided by it, nothing is lost, and the next look finds the place free.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';

/** What a file's text means; undefined, or an error, for what is not whole or not of this kind. */
export type Parse<T> = (text: string) => T | undefined;

export type StateFile<T> =
  | { state: 'whole'; value: T }
  | { state: 'absent' }
  /** It is called `aside` now. */
  | { state: 'damaged'; aside: string }
  /** It is still there: perhaps somebody else's, who lives. */
  | { state: 'unreadable'; why: string };

/** @throws what the system says when a damaged file cannot be renamed. */
export async function readStateFile<T>(path: string, parse: Parse<T>): Promise<StateFile<T>> {
  const first = await look(path, parse);
  if (first.state !== 'damaged') return first;
  const aside = `${path}.${randomBytes(4).toString('hex')}.damaged`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'absent' };
    throw error;
  }
  // Its owner may have written it anew in between.
  const again = await look(aside, parse);
  if (again.state !== 'whole') return { state: 'damaged', aside };
  await putBack(aside, path);
  return again;
}

/** What is wrong with a file that is not whole, in one sentence; undefined for one that is whole or absent. */
export function complaint(path: string, file: StateFile<unknown>, consequence: string): string | undefined {
  if (file.state === 'damaged')
    return `${path} was damaged, and is set aside as ${file.aside}: ${consequence}`;
  if (file.state === 'unreadable') return `${path} cannot be read (${file.why}): ${consequence}`;
  return undefined;
}

async function look<T>(
  path: string,
  parse: Parse<T>,
): Promise<Exclude<StateFile<T>, { state: 'damaged' }> | { state: 'damaged' }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { state: 'absent' };
    return code === 'EISDIR' ? { state: 'damaged' } : { state: 'unreadable', why: code };
  }
  const value = attempt(text, parse);
  return value === undefined ? { state: 'damaged' } : { state: 'whole', value };
}

function attempt<T>(text: string, parse: Parse<T>): T | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Unless there is a newer one by now. */
async function putBack(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return rename(aside, path);
  }
  await rm(aside, { force: true });
}
