/**
 * The SHA-256 of a file's content, remembered by what the file system says about the file, so that a large image is read
 * once and not at every run. Entries lie in the cache folder, one a path, and may be deleted at any time.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writeAtomic } from './atomic-write.ts';
import { VmtestError } from './errors.ts';
import { makeFolder } from './make-folder.ts';
import { readStateFile } from './state-file.ts';

/**
 * What changes whenever a file's content does: size and times, to the nanosecond, and which file it is. The change time
 * counts too, since programs may set the other one back.
 */
export async function fileStamp(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

/** Time stamps are coarse: a file written within this time of being read may change again under the same stamp. */
const FRESH_MS = 2_000;

const known = new Map<string, { stamp: string; hash: Promise<string> }>();

/**
 * @throws VmtestError `IMAGE_CHANGING` (retryable) when somebody writes to the file meanwhile; the file system's
 * own errors.
 */
export async function contentKey(path: string, cache: string, signal: AbortSignal): Promise<string> {
  const stamp = await fileStamp(path);
  const before = known.get(path);
  if (before?.stamp === stamp) {
    try {
      return await before.hash;
    } catch {
      // It may have been cut off by the signal of somebody else, who was first to ask.
      signal.throwIfAborted();
    }
  }
  const hash = remembered(path, stamp, cache, signal);
  known.set(path, { stamp, hash });
  hash.catch(() => known.delete(path));
  return hash;
}

/** Bytes that are read without a word; more takes so long that people should be told. */
const SMALL = 64 * 1024 ** 2;

/** True when `contentKey` will answer soon: the file is small, or was read before. */
export async function isQuickToKey(path: string, cache: string): Promise<boolean> {
  const [{ size }, stamp] = await Promise.all([stat(path), fileStamp(path)]);
  if (size <= SMALL || known.get(path)?.stamp === stamp) return true;
  const stored = await readEntry(entryOf(path, cache));
  return stored?.path === path && stored.stamp === stamp;
}

async function remembered(path: string, stamp: string, cache: string, signal: AbortSignal): Promise<string> {
  const entry = entryOf(path, cache);
  const stored = await readEntry(entry);
  if (stored?.path === path && stored.stamp === stamp) return stored.sha256;
  const sha256 = await hashFile(path, signal);
  if ((await fileStamp(path)) !== stamp) throw changing(path);
  if (await isSettled(path)) {
    await remember(entry, { path, stamp, sha256 });
  }
  return sha256;
}

/** Where nothing can be written, the file is read again next time: slow, but no reason to fail. */
async function remember(file: string, entry: Entry): Promise<void> {
  try {
    await makeFolder(dirname(file));
    await writeAtomic(file, JSON.stringify(entry));
  } catch {}
}

interface Entry {
  path: string;
  stamp: string;
  sha256: string;
}

function entryOf(path: string, cache: string): string {
  return join(cache, 'content', `${createHash('sha256').update(path).digest('hex').slice(0, 32)}.json`);
}

/** A damaged entry is set aside without a word: it is made anew in its place. */
async function readEntry(path: string): Promise<Entry | undefined> {
  const file = await readStateFile(path, parseEntry);
  return file.state === 'whole' ? file.value : undefined;
}

function parseEntry(text: string): Entry | undefined {
  const { path, stamp, sha256 } = JSON.parse(text) as Partial<Entry>;
  if (typeof path !== 'string' || typeof stamp !== 'string') return undefined;
  return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? { path, stamp, sha256 } : undefined;
}

async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 ** 2 }), hash, { signal });
  return hash.digest('hex');
}

async function isSettled(path: string): Promise<boolean> {
  const { mtimeMs, ctimeMs } = await stat(path);
  return Date.now() - Math.max(mtimeMs, ctimeMs) > FRESH_MS;
}

function changing(path: string): VmtestError {
  return new VmtestError('IMAGE_CHANGING', `${path} is being written to`, {
    hint: 'Wait until the program that writes it is done; images must not change while cells run on them.',
    retryable: true,
  });
}
