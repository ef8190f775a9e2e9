/**
 * `node:fs/promises` for simulated processes: one gate a call, then the real thing, at once. What takes several steps in
 * the system (a file's content, a whole tree) has a gate in its middle, so that a process can die with half of it done.
 */
import type * as Fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { needRoom } from './disk.ts';
import { gate } from './process.ts';

const fs: typeof Fs = process.getBuiltinModule('node:fs');

const GROWING = new Set(['appendFile', 'link', 'mkdir']);

/** @param name of a function that is there with `Sync` at its end. */
function gated<Name extends keyof typeof fs.promises>(name: Name): (typeof fs.promises)[Name] {
  const real = fs[`${name as 'rename'}Sync`] as (...args: unknown[]) => unknown;
  const call = async (...args: unknown[]) => {
    await gate(`${name} ${String(args[0])}`);
    if (GROWING.has(name)) needRoom(args[0]);
    return real(...args);
  };
  return call as unknown as (typeof fs.promises)[Name];
}

export const access = gated('access');
export const appendFile = gated('appendFile');
export const chmod = gated('chmod');
export const link = gated('link');
export const lstat = gated('lstat');
export const mkdir = gated('mkdir');
export const readdir = gated('readdir');
export const readFile = gated('readFile');
export const readlink = gated('readlink');
export const realpath = gated('realpath');
export const rename = gated('rename');
export const rmdir = gated('rmdir');
export const stat = gated('stat');
export const truncate = gated('truncate');
export const unlink = gated('unlink');
export const utimes = gated('utimes');

type Data = string | Uint8Array;

export async function writeFile(path: string, data: Data, options?: Fs.WriteFileOptions): Promise<void> {
  const bytes = Buffer.from(data as string);
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  await gate(`create ${path}`);
  needRoom(path);
  fs.writeFileSync(path, half, options);
  await gate(`finish ${path}`);
  if (bytes.length > 0) needRoom(path);
  fs.appendFileSync(path, bytes.subarray(half.length));
}

export async function rm(path: string, options: Fs.RmOptions = {}): Promise<void> {
  await gate(`rm ${path}`);
  if (options.recursive && fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    for (const name of fs.readdirSync(path)) {
      fs.rmSync(`${path}/${name}`, options);
      await gate(`rm the rest of ${path}`);
    }
  }
  fs.rmSync(path, options);
}

export async function open(path: string, flags?: string, mode?: number): Promise<FileHandle> {
  await gate(`open ${path}`);
  const file = fs.openSync(path, flags ?? 'r', mode);
  const close = async () => fs.closeSync(file);
  const handle = {
    fd: file,
    close,
    [Symbol.asyncDispose]: close,
    stat: async () => fs.fstatSync(file),
    sync: async () => {
      await gate(`sync ${path}`);
      fs.fsyncSync(file);
    },
    read: async (buffer: Buffer, offset: number, length: number, position: number | null) => ({
      buffer,
      bytesRead: fs.readSync(file, buffer, offset, length, position),
    }),
    writeFile: async (data: Data) => {
      const bytes = Buffer.from(data as string);
      const half = Math.floor(bytes.length / 2);
      fs.writeSync(file, bytes, 0, half);
      await gate(`finish ${path}`);
      fs.writeSync(file, bytes, half);
    },
  };
  return handle as unknown as FileHandle;
}

export const constants = fs.constants;
