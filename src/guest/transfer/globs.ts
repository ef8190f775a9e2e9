/** Globs in a guest's working folder. */
import picomatch from 'picomatch';
import { VmtestError } from '../../host/errors.ts';

export interface Globs {
  /** Folders below which all matches lie, as few as possible; `''` is the working folder itself. */
  bases: string[];
  /** Paths that were named without any wildcard: they need no search. */
  literals: string[];
  matches(path: string): boolean;
}

/**
 * `*`, `?`, `[…]`, `**`, braces, and `!` in front of what to leave out again.
 * @param dot whether wildcards match names that begin with a dot.
 * @throws VmtestError `GLOB_UNSUPPORTED`
 */
export function parseGlobs(globs: readonly string[], dot: boolean): Globs {
  const wanted = globs.filter((glob) => !glob.startsWith('!')).map(normal);
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => normal(glob.slice(1)));
  const scanned = wanted.map((glob) => ({ ...picomatch.scan(glob), glob }));
  const matchesWanted = picomatch(wanted, { dot });
  const matchesUnwanted = picomatch(unwanted, { dot: true });
  return {
    bases: outermost(scanned.filter(hasWildcard).map(({ base, glob }) => (glob.includes('\\') ? '' : base))),
    literals: scanned.filter((each) => !hasWildcard(each)).map(({ glob }) => glob),
    matches: (path) => matchesWanted(path) && !matchesUnwanted(path),
  };
}

/** A backslash makes a wildcard plain; what is escaped is no path, so it goes the general way. */
function hasWildcard({ isGlob, glob }: { isGlob: boolean; glob: string }): boolean {
  return isGlob || glob.includes('\\');
}

function normal(glob: string): string {
  const plain = glob.replace(/^(\.\/+)+/, '').replace(/\/{2,}/g, '/');
  // A folder means all that is in it.
  const whole = plain.endsWith('/') ? `${plain}**` : plain;
  if (whole === '' || whole.startsWith('/') || whole.split('/').includes('..')) {
    throw new VmtestError('GLOB_UNSUPPORTED', `the glob ${JSON.stringify(glob)} leaves the working folder`, {
      hint: 'Globs are relative to the folder in which the command runs. Let the command copy there what lies elsewhere.',
    });
  }
  // picomatch 4.0.7 never returns from a pattern that ends in three backslashes, and one escapes nothing.
  if (whole.endsWith('\\')) {
    throw new VmtestError('GLOB_UNSUPPORTED', `the glob ${JSON.stringify(glob)} ends in a backslash`, {
      hint: 'Folders are separated by `/`, on every system.',
    });
  }
  return whole;
}

function outermost(bases: readonly string[]): string[] {
  if (bases.includes('')) return [''];
  return [...new Set(bases)].filter((base) => !bases.some((other) => base.startsWith(`${other}/`)));
}
