/**
 * Clean states on disk, in the cache. A state is a folder that appears whole, by rename, and never changes afterwards:
 *
 *     v86/KEY/  state.json    what it is, and what was learnt when it was made
 *               machine.bin   the state of the whole machine: v86 leaves out empty pages of memory
 *               disk.img      what was written to the disk until then, sparse; only with `image`
 *               console.log   its console up to the moment of saving
 *               seal.json     sizes of all of them
 *
 * Not compressed: of 50 MB (a Linux in 128 MiB), zlib at level 1 saves half, and adds 136 ms to a restore of 290 ms.
 */
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isSealIntact } from '../../src/host/sealed-folder.ts';
import { readStateFile } from '../../src/host/state-file.ts';
import type { CleanFacts } from '../driver.ts';

export interface StateRecord {
  key: string;
  /** Differs from build to build, also of the same key. */
  build: string;
  created: string;
  /** Milliseconds that making it took. */
  took: number;
  /** Of the target for which it was made. */
  target: string;
  snapshot: string;
  version: string;
  facts: CleanFacts;
}

export interface State {
  folder: string;
  record: StateRecord;
}

export const STATE_FILES = {
  record: 'state.json',
  machine: 'machine.bin',
  disk: 'disk.img',
  console: 'console.log',
} as const;

export function statesFolder(cache: string): string {
  return join(cache, 'v86');
}

export function stateFolder(cache: string, key: string): string {
  return join(statesFolder(cache), key);
}

/** The state with that key. Undefined when it is absent, or damaged: then it is made anew in its place. */
export async function findState(cache: string, key: string): Promise<State | undefined> {
  const folder = stateFolder(cache, key);
  const file = await readStateFile(join(folder, STATE_FILES.record), (text) => parseRecord(text, key));
  if (file.state !== 'whole' || !(await isSealIntact(folder))) return undefined;
  return { folder, record: file.value };
}

function parseRecord(text: string, key: string): StateRecord | undefined {
  const record = JSON.parse(text) as Partial<StateRecord>;
  const { facts, build } = record;
  const isWhole =
    record.key === key && typeof build === 'string' && typeof facts === 'object' && facts !== null;
  return isWhole ? (record as StateRecord) : undefined;
}

/** Notes that it was used, for those who tidy up by age. */
export async function touchState({ folder }: State): Promise<void> {
  const now = new Date();
  await utimes(join(folder, STATE_FILES.record), now, now).catch(() => {});
}
