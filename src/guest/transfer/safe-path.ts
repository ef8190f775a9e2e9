/** Which paths a guest may choose for files on this host. Nothing is repaired: a path is harmless or it is refused. */

const MOST_COMPONENT_BYTES = 255;
const MOST_PATH_BYTES = 1024;

/** Device names of Windows, with or without an extension; refused everywhere, since results travel. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;
/** Beyond these Windows refuses, or sees a drive or a stream. */
const WINDOWS_CHARACTERS = /[<>:"|?*]/;

/** Why a path is refused; undefined when it is harmless: relative, plain, below its folder. */
export function unsafePath(path: string, windows = process.platform === 'win32'): string | undefined {
  if (path === '') return 'it has no name';
  if (path.includes('\0')) return 'its name holds a NUL';
  if (/[\x00-\x1f\x7f]/.test(path)) return 'its name holds control characters';
  if (path.includes('\uFFFD')) return 'its name is not UTF-8';
  if (path.includes('\\')) return 'its name holds a backslash';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'its path is absolute';
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) return 'its path is too long';
  for (const name of path.split('/')) {
    const why = unsafeName(name, windows);
    if (why !== undefined) return why;
  }
  return undefined;
}

function unsafeName(name: string, windows: boolean): string | undefined {
  if (name === '') return 'its path holds an empty name';
  if (name === '..' || name === '.') return 'its path leaves its folder';
  if (Buffer.byteLength(name) > MOST_COMPONENT_BYTES) return 'its name is too long';
  if (/[. ]$/.test(name)) return 'its name ends in a dot or a space';
  if (RESERVED.test(name)) return 'its name is reserved on Windows';
  if (windows && WINDOWS_CHARACTERS.test(name)) return 'Windows does not allow its name';
  return undefined;
}

/** Paths taken so far, as a file system that folds case would see them. */
export class TakenPaths {
  readonly #taken = new Map<string, { path: string; kind: 'file' | 'folder' }>();

  /** Why a file cannot be added; undefined when it has been. */
  add(path: string): string | undefined {
    const names = path.split('/');
    const folders = names.slice(0, -1).map((_, index) => names.slice(0, index + 1).join('/'));
    for (const folder of folders) {
      const there = this.#taken.get(folded(folder));
      if (there?.kind === 'file') return `${there.path} is a file already`;
      if (there && there.path !== folder) return `only case tells ${folder} from ${there.path}`;
    }
    const there = this.#taken.get(folded(path));
    if (there?.kind === 'folder') return `${there.path} is a folder already`;
    if (there) return there.path === path ? 'it comes twice' : `only case tells it from ${there.path}`;
    for (const folder of folders) this.#taken.set(folded(folder), { path: folder, kind: 'folder' });
    this.#taken.set(folded(path), { path, kind: 'file' });
    return undefined;
  }
}

function folded(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
