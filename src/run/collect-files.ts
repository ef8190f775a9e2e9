/** Results and artifacts: out of the guest, onto the disk, read. */
import { join } from 'node:path';
import type { TestSpec } from '../../matrix/model.ts';
import type { GuestChannel } from '../guest/channel.ts';
import { collect } from '../guest/transfer/collect.ts';
import { type ReadResults, readResults } from '../results/read-results.ts';

export interface Collected {
  /** One entry a result file, in the guest's order of names. */
  results: ReadFile[];
  notes: string[];
}

export interface ReadFile extends ReadResults {
  /** Relative to the cell's working folder. */
  path: string;
}

export const RESULTS_FOLDER = 'results';
export const ARTIFACTS_FOLDER = 'artifacts';

/** Artifacts first: they matter most when the results turn out to be unreadable. */
export async function collectFiles(
  channel: GuestChannel,
  test: Pick<TestSpec, 'cwd' | 'results' | 'artifacts'>,
  folder: string,
  signal: AbortSignal,
): Promise<Collected> {
  const artifacts = await fetch(channel, test.cwd, test.artifacts, join(folder, ARTIFACTS_FOLDER), signal);
  const results = await fetch(channel, test.cwd, test.results, join(folder, RESULTS_FOLDER), signal);
  const read: ReadFile[] = [];
  for (const path of results.files) {
    read.push({ path, ...(await readResults(join(folder, RESULTS_FOLDER, path))) });
  }
  return { results: read, notes: [...artifacts.notes, ...results.notes] };
}

async function fetch(
  channel: GuestChannel,
  cwd: string,
  globs: readonly string[],
  into: string,
  signal: AbortSignal,
): Promise<{ files: string[]; notes: string[] }> {
  if (globs.length === 0) return { files: [], notes: [] };
  return collect({ channel, folder: cwd, globs, into, signal });
}
