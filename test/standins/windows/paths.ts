/** Paths of the stand-in: drive C is a folder of this host. */
import { join, relative, win32 } from 'node:path';
import { drive } from './environment.ts';

export const PROFILE = 'C:\\Users\\tester';
export const SYSTEM = 'C:\\Windows\\System32';
export const TEMP = 'C:\\Users\\tester\\AppData\\Local\\Temp';

/** @throws Error for what is no full path on drive C. */
export function toHost(path: string): string {
  const full = win32.normalize(path);
  if (!/^c:\\/i.test(full)) throw new Error(`no full path on drive C: ${path}`);
  if (/[<>:"|?*\0]/.test(full.slice(2))) throw new Error(`Illegal characters in path: ${path}`);
  return join(drive(), ...full.slice(3).split('\\'));
}

export function fromHost(path: string): string {
  const names = relative(drive(), path);
  return names === '' ? 'C:\\' : `C:\\${names.replaceAll('/', '\\')}`;
}
