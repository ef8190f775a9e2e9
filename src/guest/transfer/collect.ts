/** Files that match globs, out of a guest and onto this host. */
import type { GuestChannel } from '../channel.ts';
import { parseGlobs } from './globs.ts';
import { boundedNotes } from './notes.ts';
import { unsafePath } from './safe-path.ts';
import { DEFAULT_LIMITS, type Refused, type UnpackLimits, unpack } from './unpack.ts';

export interface CollectRequest {
  channel: Pick<GuestChannel, 'list' | 'download'>;
  /** In the guest; relative to the home of its user. */
  folder: string;
  /** Relative to `folder`. */
  globs: readonly string[];
  /** Folder on the host; made if there is anything to put into it. */
  into: string;
  /** Wildcards match names that begin with a dot as well. Default: false. */
  dot?: boolean;
  limits?: UnpackLimits;
  signal: AbortSignal;
}

export interface Collected {
  /** Paths below `into`, sorted. */
  files: string[];
  refused: Refused[];
  /** Everything that a person should know: what was refused, what is missing and why. */
  notes: string[];
}

/** @throws VmtestError `GLOB_UNSUPPORTED`, and what the channel throws. */
export async function collect(request: CollectRequest): Promise<Collected> {
  const { channel, folder, signal, into, limits = DEFAULT_LIMITS } = request;
  const globs = parseGlobs(request.globs, request.dot ?? false);
  const found = new Set<string>();
  for (const base of globs.bases) {
    const below = await channel.list(base === '' ? folder : `${folder}/${base}`, signal);
    for (const path of below) found.add(base === '' ? path : `${base}/${path}`);
  }
  const listed = [...found].filter(globs.matches);
  const candidates = [...new Set([...listed, ...globs.literals.filter(globs.matches)])].sort();
  const refused = candidates.flatMap(refusal);
  const wanted = candidates.filter((path) => unsafePath(path) === undefined);
  if (wanted.length === 0) return { files: [], refused, notes: notesOf(refused) };
  const isWanted = new Set(wanted);
  const archive = await channel.download(folder, wanted, signal);
  const unpacked = await unpack(archive, { into, limits, wanted: (path) => isWanted.has(path), signal });
  refused.push(...unpacked.refused);
  // A file named without a wildcard need not be there; one that was listed should have come.
  const seen = new Set([...unpacked.files, ...refused.map(({ path }) => path)]);
  const missing = listed.filter((path) => !seen.has(path));
  return {
    files: unpacked.files.sort(),
    refused,
    notes: [...notesOf(refused), ...missingNote(missing, unpacked.stopped)],
  };
}

function refusal(path: string): Refused[] {
  const reason = unsafePath(path);
  return reason === undefined ? [] : [{ path, reason }];
}

function notesOf(refused: readonly Refused[]): string[] {
  return boundedNotes(
    refused.map(({ path, reason }) => `${JSON.stringify(path)} was not taken from the guest: ${reason}`),
  );
}

function missingNote(missing: readonly string[], stopped: string | undefined): string[] {
  const [first] = missing;
  if (first === undefined) return [];
  const why = stopped ?? 'the guest could not read them, or they vanished';
  return [`${missing.length} files are missing, such as ${JSON.stringify(first)}: ${why}`];
}
