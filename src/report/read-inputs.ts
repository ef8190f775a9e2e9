/** What a person named on the command line → runs, foreign cells, and what could not be read. */
import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { toVmtestError, VmtestError } from '../host/errors.ts';
import type { ErrorInfo } from '../results/model.ts';
import { withoutUndefined } from '../results/without-undefined.ts';
import { readEventsFile } from './read-events-file.ts';
import { nameOfFile, readForeignCell } from './read-foreign-cell.ts';
import { readResultsFile } from './read-results-file.ts';
import type { ForeignCell, Gap, SourceRun } from './source.ts';

export interface Inputs {
  /** Output folders, folders of such, `results.json`, `events.ndjson`, or foreign files, which name their cell themselves. */
  paths: readonly string[];
  /** Foreign files with the name of their cell. Several files may be of one cell. */
  cells: readonly NamedFile[];
  /** What relative paths are relative to. */
  cwd: string;
}

export interface NamedFile {
  name: string;
  path: string;
}

export interface Read {
  runs: SourceRun[];
  foreign: ForeignCell[];
  gaps: Gap[];
}

const RESULTS = 'results.json';
const EVENTS = 'events.ndjson';

/** What cannot be read is a gap, so that everything else is reported all the same. */
export async function readInputs({ paths, cells, cwd }: Inputs): Promise<Read> {
  const read: Read = { runs: [], foreign: [], gaps: [] };
  const byName = new Map<string, string[]>();
  const addForeign = ({ name, path }: NamedFile) => {
    byName.set(name, [...(byName.get(name) ?? []), resolve(cwd, path)]);
  };
  const seen = new Set<string>();
  for (const path of paths) {
    try {
      for (const found of await find(resolve(cwd, path), path)) {
        const real = await realpath(found.path);
        if (seen.has(real)) continue;
        seen.add(real);
        if (found.kind === 'foreign') addForeign({ name: nameOfFile(found.path), path: found.path });
        else await readRun(found, read);
      }
    } catch (error) {
      read.gaps.push(gap(path, errorOf(error, path)));
    }
  }
  cells.forEach(addForeign);
  for (const [name, files] of byName) read.foreign.push(await readForeignCell(name, files));
  return read;
}

interface Found {
  kind: 'results' | 'events' | 'foreign';
  /** Absolute. */
  path: string;
  /** As a person knows it. */
  shown: string;
}

async function readRun({ kind, path, shown }: Found, into: Read): Promise<void> {
  try {
    if (kind === 'events') {
      into.runs.push(await readEventsFile(path, shown));
      return;
    }
    const { run, missing } = await readResultsFile(path, shown);
    into.runs.push(run);
    if (missing) into.gaps.push(gap(shown, { ...missing, message: `${shown}: ${missing.message}` }));
  } catch (error) {
    into.gaps.push(gap(shown, errorOf(error, shown)));
  }
}

async function find(path: string, shown: string): Promise<Found[]> {
  if (!(await stat(path)).isDirectory()) return [{ kind: await kindOf(path), path, shown }];
  const here = await inFolder(path, shown);
  if (here) return [here];
  // What actions/download-artifact makes: a folder for each artifact.
  const below = await Promise.all(
    (await readdir(path, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry: Dirent) =>
        inFolder(join(path, entry.name), `${shown.replace(/[/\\]+$/, '')}/${entry.name}`),
      ),
  );
  const found = below.filter((one) => one !== undefined);
  if (found.length > 0) return found;
  throw new VmtestError('RESULTS_MISSING', `there is neither ${RESULTS} nor ${EVENTS}`, {
    hint: 'A run that was killed leaves no results.json. With `-r events` beside the other reporters it leaves events.ndjson, from which it can be retold.',
  });
}

async function inFolder(folder: string, shown: string): Promise<Found | undefined> {
  const names = await readdir(folder);
  if (names.includes(RESULTS)) return { kind: 'results', path: join(folder, RESULTS), shown };
  return names.includes(EVENTS) ? { kind: 'events', path: join(folder, EVENTS), shown } : undefined;
}

const HEAD_BYTES = 4096;

/** By name where vmtest chose it, else by content. */
async function kindOf(path: string): Promise<Found['kind']> {
  if (basename(path) === RESULTS) return 'results';
  if (basename(path) === EVENTS) return 'events';
  const head = await headOf(path);
  if (/^\s*\{\s*"version"\s*:\s*\d+\s*,\s*"run"\s*:/.test(head)) return 'results';
  return /^\{"version":\d+,.*"type":"run:start"/.test(head) ? 'events' : 'foreign';
}

async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function gap(input: string, error: ErrorInfo): Gap {
  return { values: { input }, error };
}

function errorOf(thrown: unknown, shown: string): ErrorInfo {
  const { code: system } = thrown as NodeJS.ErrnoException;
  if (!(thrown instanceof VmtestError) && system !== undefined) {
    return { code: 'RESULTS_MISSING', message: `${shown}: it cannot be read: ${system}` };
  }
  const { code, message, hint } = toVmtestError(thrown);
  return withoutUndefined({ code, message: `${shown}: ${message}`, hint });
}
