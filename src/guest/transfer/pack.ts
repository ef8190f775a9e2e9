/** An upload's tree as one tar file on the host: packed once a run, then streamed to every guest. */
import { type FileHandle, open, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VmtestError } from '../../host/errors.ts';
import { BufferedWriter } from './buffered-writer.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { boundedNotes } from './notes.ts';
import { END_OF_ARCHIVE, encodeTarHeader, paddingAfter } from './tar-header.ts';
import { type TreeEntry, walkTree } from './walk.ts';

export interface PackRequest {
  /** Folder on the host. */
  from: string;
  /** gitignore-style patterns; they come after what `.gitignore` files say, and over it. */
  exclude: readonly string[];
  /** Honour `.gitignore` files: those in the tree, and those above it in the same repository. */
  gitignore: boolean;
  /** The tar file to write. */
  file: string;
  signal: AbortSignal;
}

export interface PackedTree {
  /** Regular files in it. */
  files: number;
  /** Size of the tar file. */
  bytes: number;
  /** What was left out although no pattern said so; for people. */
  notes: string[];
}

const READ_BYTES = 1024 * 1024;

/**
 * Order, owners and times do not depend on this host or the hour: the same tree gives the same bytes.
 * @throws VmtestError `UPLOAD_MISSING`, `UPLOAD_UNREADABLE`; the signal's reason when it aborts.
 */
export async function packTree(request: PackRequest): Promise<PackedTree> {
  const root = await realFolder(request.from);
  const target = await open(request.file, 'w', 0o600);
  try {
    const packed = await packInto(new BufferedWriter(target), root, request);
    await target.close();
    return packed;
  } catch (error) {
    await target.close();
    await rm(request.file, { force: true });
    throw unreadable(error);
  }
}

async function packInto(out: BufferedWriter, root: string, request: PackRequest): Promise<PackedTree> {
  const { exclude, gitignore, signal } = request;
  const ownFile = await realpath(request.file);
  const skipped: string[] = [];
  const skip = (path: string, why: string) => skipped.push(`${path} was not uploaded: ${why}`);
  const rules = await IgnoreRules.forRoot(root, exclude, gitignore);
  let files = 0;
  for await (const entry of walkTree(root, rules, gitignore, skip)) {
    signal.throwIfAborted();
    const path = join(root, entry.path);
    if (path === ownFile) continue;
    if (entry.kind === 'file') {
      const added = await addFile(out, path, entry, skip);
      files += added ? 1 : 0;
    } else {
      await out.put(await headerOf(path, entry));
    }
  }
  await out.put(END_OF_ARCHIVE);
  await out.flush();
  return { files, bytes: out.bytes, notes: boundedNotes(skipped) };
}

async function headerOf(path: string, { path: name, kind, stats }: TreeEntry): Promise<Buffer> {
  const common = { mtime: stats.mtime, size: 0 };
  if (kind === 'folder') {
    // Its owner must be able to fill it, whatever it was here.
    return encodeTarHeader({
      ...common,
      path: `${name}/`,
      type: 'Directory',
      mode: modeOf(stats.mode) | 0o700,
    });
  }
  const linkpath = (await readlink(path)).replaceAll(process.platform === 'win32' ? '\\' : '/', '/');
  return encodeTarHeader({ ...common, path: name, type: 'SymbolicLink', mode: 0o777, linkpath });
}

/** A file that changes meanwhile is cut or filled up to the size it had; false when it has vanished. */
async function addFile(
  out: BufferedWriter,
  path: string,
  { path: name, stats }: TreeEntry,
  skip: (path: string, why: string) => void,
): Promise<boolean> {
  let source: FileHandle;
  try {
    source = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    skip(name, 'it vanished');
    return false;
  }
  try {
    const { size } = await source.stat();
    await out.put(
      encodeTarHeader({ path: name, type: 'File', mode: modeOf(stats.mode), size, mtime: stats.mtime }),
    );
    const missing = size - (await copy(source, size, out));
    if (missing > 0) {
      await out.put(Buffer.alloc(missing));
      skip(name, `${missing} bytes at its end vanished meanwhile`);
    }
    await out.put(paddingAfter(size));
    return true;
  } finally {
    await source.close();
  }
}

/** Copies at most `size` bytes; answers with how many there were. */
async function copy(source: FileHandle, size: number, out: BufferedWriter): Promise<number> {
  let copied = 0;
  while (copied < size) {
    const buffer = Buffer.allocUnsafe(Math.min(size - copied, READ_BYTES));
    const { bytesRead } = await source.read(buffer, 0, buffer.length);
    if (bytesRead === 0) break;
    await out.put(buffer.subarray(0, bytesRead));
    copied += bytesRead;
  }
  return copied;
}

/** Windows knows no executable files; there a script must not lose its way to being one. */
function modeOf(mode: number): number {
  return process.platform === 'win32' ? 0o755 : mode & 0o7777;
}

async function realFolder(from: string): Promise<string> {
  try {
    return await realpath(`${from}/`);
  } catch (error) {
    throw new VmtestError('UPLOAD_MISSING', `there is no folder ${from} to upload`, {
      hint: 'Check `upload.from`. It is relative to the matrix file.',
      cause: error,
    });
  }
}

function unreadable(error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  if (code !== 'EACCES' && code !== 'EPERM') return error;
  return new VmtestError('UPLOAD_UNREADABLE', `${path} cannot be read (${code})`, {
    hint: 'Change its rights, or leave it out by `upload.exclude`.',
    cause: error,
  });
}
