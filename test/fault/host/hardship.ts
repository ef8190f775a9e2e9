/** What may be wrong with a host while vmtest runs on it. */

/** The folders of one trial. */
export interface Place {
  state: string;
  cache: string;
  tmp: string;
  /** Holds the matrix file. The results come into `vmtest-results` in it. */
  project: string;
  /** The cache of an undisturbed run: the clean state is in it. */
  warm: string;
}

export interface Imposed {
  /** What the command line begins with: a program that runs vmtest under it. */
  before?: readonly string[];
  /** Added to the environment; undefined takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Further arguments of `vmtest run`. */
  args?: readonly string[];
  /** Goes on beside the run. */
  during?: (isOver: () => boolean) => Promise<void>;
  /** The host is well again; what was written is there still. Default: nothing is to be done. */
  lift?(): Promise<void>;
  /** Nothing of it is left. Default: nothing was. */
  end?(): Promise<void>;
}

/** `usual`: as if nothing were. `refused`: before any machine was started. `errors`: of cells. `killed`: by the system. */
export type Ending = 'usual' | 'refused' | 'errors' | 'killed';

export interface Hardship {
  /** As docs/reliability.md groups them. */
  kind: string;
  name: string;
  impose(place: Place): Promise<Imposed>;
  /** How a run may end under it. */
  endings: readonly Ending[];
  /** Somewhere in what it prints, unless it ends as usual or is killed. */
  says?: RegExp;
  /** The clean state has to be made first. Default: false. */
  cold?: boolean;
  /** Packages of Debian that it takes, besides those of scripts/setup.sh. */
  needs?: readonly string[];
}
