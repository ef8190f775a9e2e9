/** A tar stream from a guest into a folder of this host. The guest is not trusted with anything. */
import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TakenPaths, unsafePath } from './safe-path.ts';
import { tarEntries, type UntrustedEntry } from './tar-entries.ts';

export interface UnpackLimits {
  files: number;
  /** Bytes. */
  fileBytes: number;
  totalBytes: number;
}

export const DEFAULT_LIMITS: UnpackLimits = {
  files: 10_000,
  fileBytes: 256 * 1024 * 1024,
  totalBytes: 1024 * 1024 * 1024,
};

export interface Refused {
  path: string;
  /** `its path is absolute`, `it is a SymbolicLink`, … */
  reason: string;
}

export interface Unpacked {
  /** Paths below the folder, with `/`, in the archive's order. */
  files: string[];
  refused: Refused[];
  /** Why the rest of the archive was not read, if so. */
  stopped?: string;
}

export interface UnpackRequest {
  /** Made if it is missing. */
  into: string;
  limits?: UnpackLimits;
  /** Which paths were asked for; others are refused. Default: all. */
  wanted?: (path: string) => boolean;
  signal: AbortSignal;
}

/**
 * Only regular files, only below the folder, never through a link that is there already; all else is refused and told.
 * @throws VmtestError `GUEST_ARCHIVE_DAMAGED`, also for an archive that breaks off; the signal's reason when it aborts.
 */
export async function unpack(source: AsyncIterable<Buffer>, request: UnpackRequest): Promise<Unpacked> {
  const { limits = DEFAULT_LIMITS, signal } = request;
  await mkdir(request.into, { recursive: true });
  const unpacker = new Unpacker(request, limits);
  for await (const entry of tarEntries(source)) {
    signal.throwIfAborted();
    await unpacker.take(entry);
    if (unpacker.result.stopped !== undefined) break;
  }
  signal.throwIfAborted();
  return unpacker.result;
}

/** Refusals are told up to here: a guest may send them without end. */
const MOST_REFUSED = 1_000;

class Unpacker {
  readonly result: Unpacked = { files: [], refused: [] };
  readonly #request: UnpackRequest;
  readonly #limits: UnpackLimits;
  readonly #paths = new TakenPaths();
  /** Folders known to be real ones. */
  readonly #folders = new Set<string>();
  #bytes = 0;
  #skippedBytes = 0;

  constructor(request: UnpackRequest, limits: UnpackLimits) {
    this.#request = request;
    this.#limits = limits;
  }

  async take(entry: UntrustedEntry): Promise<void> {
    // Folders are made where files need them.
    if (entry.type === 'Directory') return;
    const path = entry.path.replace(/^(\.\/)+/, '');
    const reason = this.#reasonAgainst(path, entry) ?? (await this.#write(path, entry));
    if (reason === undefined) {
      this.result.files.push(path);
      this.#bytes += entry.size;
    } else {
      this.#refuse({ path, reason }, entry.size);
    }
  }

  #reasonAgainst(path: string, { type, size }: UntrustedEntry): string | undefined {
    const { files, fileBytes, totalBytes } = this.#limits;
    if (type !== 'File' && type !== 'OldFile') return `it is no regular file (${type})`;
    const unsafe = unsafePath(path);
    if (unsafe !== undefined) return unsafe;
    if (this.#request.wanted?.(path) === false) return 'nobody asked for it';
    if (this.result.files.length >= files) return `the limit of ${files} files is reached`;
    if (size > fileBytes) return `its ${size} bytes are over the limit of ${fileBytes}`;
    if (this.#bytes + size > totalBytes) return `the limit of ${totalBytes} bytes for all files is reached`;
    return this.#paths.add(path);
  }

  /** Why it could not be written here, if so. */
  async #write(path: string, entry: UntrustedEntry): Promise<string | undefined> {
    const target = join(this.#request.into, path);
    if (!(await this.#makeFolders(path))) return 'there is something else in its way';
    let file: Awaited<ReturnType<typeof open>>;
    try {
      // `wx` opens nothing that is there already, links included.
      file = await open(target, 'wx', 0o644);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'there is such a file already';
      throw error;
    }
    try {
      for await (const chunk of entry.body()) {
        this.#request.signal.throwIfAborted();
        await file.write(chunk);
      }
      await file.close();
    } catch (error) {
      await file.close().catch(() => {});
      await rm(target, { force: true });
      throw error;
    }
    return undefined;
  }

  /** One by one, since a recursive `mkdir` would follow a link. */
  async #makeFolders(path: string): Promise<boolean> {
    const names = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= names.length; depth += 1) {
      const folder = join(this.#request.into, ...names.slice(0, depth));
      if (this.#folders.has(folder)) continue;
      await mkdir(folder).catch(ignoreExisting);
      if (!(await lstat(folder)).isDirectory()) return false;
      this.#folders.add(folder);
    }
    return true;
  }

  #refuse(refused: Refused, bytes: number): void {
    this.result.refused.push(refused);
    this.#skippedBytes += bytes;
    // Skipping is reading: a guest must not keep us busy with what we refuse.
    if (this.#skippedBytes > this.#limits.totalBytes) this.result.stopped = 'too many bytes were refused';
    if (this.result.refused.length >= MOST_REFUSED) this.result.stopped = 'too many files were refused';
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
