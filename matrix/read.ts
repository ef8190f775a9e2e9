/** The one place that reads a matrix file: path → text, bounded and decoded, with an error that says what is wrong. */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { nearest } from './nearest.ts';
import { placer } from './place.ts';
import { MatrixFileError } from './problems.ts';

/** Tried in this order when no file is named. */
export const DEFAULT_FILES = ['vmtest.yml', 'matrix.yml', '.vmtest.yml'] as const;

const LARGEST = 1024 * 1024;

export interface MatrixText {
  /** As it was given, for messages. */
  file: string;
  /** Absolute. */
  path: string;
  text: string;
}

/**
 * Reads a matrix file, or the first default one there is in `cwd`.
 * @throws MatrixFileError when there is none, or it is a folder, empty, over 1 MiB, or not UTF-8.
 */
export async function readMatrixFile(file?: string, cwd: string = process.cwd()): Promise<MatrixText> {
  if (file !== undefined) return readOne(file, cwd);
  for (const candidate of DEFAULT_FILES) {
    const found = await readOne(candidate, cwd).catch(ignoreMissing);
    if (found) return found;
  }
  const names = DEFAULT_FILES.join(', ');
  throw new MatrixFileError(`there is no matrix file here: ${names}`, {
    hint: 'name one (`vmtest run FILE`), or let `vmtest init` write one',
  });
}

class MissingFile extends MatrixFileError {}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof MissingFile)) throw error;
}

async function readOne(file: string, cwd: string): Promise<MatrixText> {
  const path = resolve(cwd, file);
  const bytes = await readBytes(file, path);
  return { file, path, text: decode(bytes, file) };
}

async function readBytes(file: string, path: string): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    if ((await handle.stat()).isDirectory()) throw await isFolder(file, path);
    return await readAtMost(handle, file);
  } catch (error) {
    throw error instanceof MatrixFileError ? error : await cannotRead(file, path, error);
  } finally {
    await handle?.close();
  }
}

/** Pipes and devices tell no size, and files grow: what counts is what comes. */
async function readAtMost(handle: FileHandle, file: string): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(LARGEST + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (length > LARGEST) throw tooLarge(file);
    if (bytesRead === 0) return buffer.subarray(0, length);
  }
}

function tooLarge(file: string): MatrixFileError {
  return new MatrixFileError(`${file} is larger than 1 MiB: that is no matrix file`);
}

async function isFolder(file: string, path: string): Promise<MatrixFileError> {
  const names = await namesIn(path);
  const inside = DEFAULT_FILES.find((name) => names.includes(name));
  const hint =
    inside === undefined ? 'name the file in it' : `did you mean ${file.replace(/\/+$/, '')}/${inside}?`;
  return new MatrixFileError(`${file} is a folder`, { hint });
}

async function cannotRead(file: string, path: string, error: unknown): Promise<MatrixFileError> {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const near = nearest(basename(path), (await namesIn(dirname(path))).filter(isYaml));
    const hint =
      near === undefined ? undefined : `did you mean ${file.slice(0, -basename(path).length)}${near}?`;
    return new MissingFile(`there is no file ${file}`, hint === undefined ? {} : { hint });
  }
  if (code === 'EACCES' || code === 'EPERM')
    return new MatrixFileError(`${file} may not be read by this user`);
  return new MatrixFileError(`${file} cannot be read: ${(error as Error).message}`);
}

function isYaml(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function decode(bytes: Buffer, file: string): string {
  const wide = wideEncoding(bytes);
  if (wide !== undefined) {
    throw new MatrixFileError(`${file} is ${wide} text; a matrix file is UTF-8`, {
      hint: 'save it as UTF-8 in the editor',
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notUtf8(bytes, file);
  }
}

/** By its mark, or by a zero in one half of the first two bytes, as ASCII has it in UTF-16. */
function wideEncoding(bytes: Buffer): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? 'UTF-32' : 'UTF-16';
  if (first === 0xfe && second === 0xff) return 'UTF-16';
  if (bytes.length < 4) return undefined;
  return (first === 0) !== (second === 0) && (third === 0) !== (fourth === 0) ? 'UTF-16' : undefined;
}

function notUtf8(bytes: Buffer, file: string): MatrixFileError {
  const text = bytes.toString('utf8');
  const place = placer(text)(firstWrong(bytes, text));
  const problem = {
    file,
    ...place,
    message: 'a byte here is not UTF-8',
    hint: 'save the file as UTF-8 in the editor',
  };
  return new MatrixFileError(`${file} is not UTF-8 text`, { problems: [problem], text });
}

/** Where the replacement character stands for wrong bytes, rather than for itself. */
function firstWrong(bytes: Buffer, text: string): number {
  let offset = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = String.fromCodePoint(text.codePointAt(at) as number);
    const encoded = Buffer.from(character);
    if (!bytes.subarray(offset, offset + encoded.length).equals(encoded)) return at;
    offset += encoded.length;
    at += character.length - 1;
  }
  return 0;
}
