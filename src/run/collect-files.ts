/** Results and artifacts: out of the guest, onto the disk, read. */
import { join } from 'node:path';
import type { ResultFormat, TestSpec } from '../../matrix/model.ts';
import type { GuestChannel } from '../guest/channel.ts';
import { collect } from '../guest/transfer/collect.ts';
import { parseGlobs } from '../guest/transfer/globs.ts';
import { ARTIFACTS_FOLDER, RESULTS_FOLDER } from '../results/cell-files.ts';
import { readResultFiles } from '../results/read-results.ts';
import type { CollectedResults } from '../results/verdict.ts';

/** What collecting asks of a channel. */
export type GuestFiles = Pick<GuestChannel, 'list' | 'download'>;

/** Answers with notes for people. */
export async function collectArtifacts(
  channel: GuestFiles,
  test: Pick<TestSpec, 'cwd' | 'artifacts'>,
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  if (test.artifacts.length === 0) return [];
  const into = join(folder, ARTIFACTS_FOLDER);
  const { notes } = await collect({ channel, folder: test.cwd, globs: test.artifacts, into, signal });
  return notes;
}

/** Undefined when the cell names no result files. */
export async function collectResults(
  channel: GuestFiles,
  test: Pick<TestSpec, 'cwd' | 'results' | 'resultFormats'>,
  folder: string,
  signal: AbortSignal,
): Promise<CollectedResults | undefined> {
  if (test.results.length === 0) return undefined;
  const into = join(folder, RESULTS_FOLDER);
  const { files, notes } = await collect({ channel, folder: test.cwd, globs: test.results, into, signal });
  const formatOf = namedFormats(test.resultFormats);
  const parsed = await readResultFiles(
    files.map((name) => ({ name, path: join(into, name), ...formatOf(name) })),
  );
  // What had to be refused may have been a result: without it they are not whole.
  return {
    globs: test.results,
    files: files.length,
    parsed: {
      ...parsed,
      complete: parsed.complete && notes.length === 0,
      problems: [...notes, ...parsed.problems],
    },
  };
}

/** By file: its dialect, where the matrix file names it. */
function namedFormats(named: TestSpec['resultFormats'] = []) {
  const globs = named.map(({ files, format }) => ({ globs: parseGlobs([files], false), format }));
  return (name: string): Pick<ResultFormat, 'format'> | undefined => {
    const found = globs.find((entry) => entry.globs.matches(name));
    return found && { format: found.format };
  };
}
