/** What the files of a VM say about it: `vmrun` tells neither its name nor its size, nor whether it is suspended. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { namesIn } from '../../src/host/names-in.ts';
import { type Dictionary, parseDictionary } from './dictionary.ts';

export interface VmConfig {
  name: string;
  /** Bytes; undefined where it is not said. */
  memory?: number;
  cpus: number;
  /** Wholly, or the part that its TPM needs. */
  encrypted: boolean;
}

const MIB = 1024 ** 2;

/** Undefined when there is no such file. */
export async function readDictionary(path: string): Promise<Dictionary | undefined> {
  try {
    return parseDictionary(await readFile(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}

export function configOf(vmx: string, settings: Dictionary): VmConfig {
  const memory = Number(settings.get('memsize'));
  const cpus = Number(settings.get('numvcpus'));
  return {
    name: settings.get('displayname') || basename(vmx, '.vmx'),
    ...(Number.isInteger(memory) && memory > 0 ? { memory: memory * MIB } : {}),
    cpus: Number.isInteger(cpus) && cpus > 0 ? cpus : 1,
    encrypted: settings.has('encryption.keysafe'),
  };
}

/**
 * Of a VM that does not run: does a start go on where it was? `checkpoint.vmState` names the saved state, and is empty without one;
 * in a `.vmx` that has no such key (an encrypted one), a `.vmss` file beside it tells.
 */
export async function isSuspended(vmx: string, settings: Dictionary): Promise<boolean> {
  const saved = settings.get('checkpoint.vmstate');
  if (saved !== undefined) return saved !== '';
  return (await namesIn(dirname(vmx))).some((name) => name.endsWith('.vmss'));
}

/**
 * Locks that keep a VM from being started, restored or removed, for some seconds after a power-off. The one of the `.vmx`
 * itself stays as long as the VM is open in a window, and disturbs nobody.
 */
export async function lingeringLocks(vmx: string): Promise<string[]> {
  const folder = dirname(vmx);
  const locks = (await namesIn(folder)).filter((name) => name.endsWith('.lck') && !name.endsWith('.vmx.lck'));
  return locks.map((name) => join(folder, name));
}

/** The first line of the log has the time and the process of the last start. */
export async function startOf(vmx: string): Promise<string | undefined> {
  const log = await readLog(vmx);
  return log?.split('\n', 1)[0]?.trim() || undefined;
}

/** The end of `vmware.log`, for failures that `vmrun` has no words for. */
export async function logTail(vmx: string, lines = 20): Promise<string | undefined> {
  const log = await readLog(vmx);
  return log?.trimEnd().split('\n').slice(-lines).join('\n');
}

async function readLog(vmx: string): Promise<string | undefined> {
  return readFile(join(dirname(vmx), 'vmware.log'), 'utf8').catch(() => undefined);
}
