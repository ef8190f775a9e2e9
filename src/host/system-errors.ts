/** What the system refuses, by the names that it has for its reasons, in words that a person can act on. */

export interface Refusal {
  /** Of the error when nobody nearer to it gave another. */
  code: string;
  words: string;
  hint: string;
  /** Whether it may pass by itself. */
  retryable: boolean;
}

const ROOM =
  'Free some space (`vmtest clean` takes away what dead runs left), or move the folder: the results with --output, the ' +
  'state with XDG_STATE_HOME, the cache with XDG_CACHE_HOME.';
const RIGHTS = 'Look at the rights of that file and of the folders above it, and at who runs vmtest.';
const LOAD = 'Let fewer cells run at once (`--jobs`), or raise the limit';

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ENOSPC: lasting('DISK_FULL', 'the disk is full', ROOM),
  EDQUOT: lasting('DISK_FULL', 'the disk quota is used up', ROOM),
  EROFS: lasting('NOT_ALLOWED', 'the file system is read-only', 'Move the folder to another disk.'),
  EACCES: lasting('NOT_ALLOWED', 'not allowed', RIGHTS),
  EPERM: lasting('NOT_ALLOWED', 'not allowed', RIGHTS),
  EMFILE: passing('TOO_MANY_FILES', 'too many files are open', `${LOAD}: ulimit -n.`),
  ENFILE: passing('TOO_MANY_FILES', 'too many files are open on this host', `${LOAD}: sysctl fs.file-max.`),
  ENOMEM: passing('NO_MEMORY', 'this host has not enough free memory', `${LOAD} of this process.`),
  EAGAIN: passing('TOO_MANY_PROCESSES', 'there are too many processes', `${LOAD}: ulimit -u.`),
  EADDRINUSE: passing('NO_PORT', 'no port of this host is free for it', 'Look at what has them: ss -tan.'),
  EADDRNOTAVAIL: passing('NO_PORT', 'no port of this host is free for it', 'Look at what has them: ss -tan.'),
};

/** Undefined for what is no refusal: a file that is missing is often an answer. */
export function refusalOf(thrown: unknown): Refusal | undefined {
  const { code } = (thrown ?? {}) as NodeJS.ErrnoException;
  const refusal = typeof code === 'string' && Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  return refusal && { ...refusal, words: `${refusal.words} (${code})` };
}

function lasting(code: string, words: string, hint: string): Refusal {
  return { code, words, hint, retryable: false };
}

function passing(code: string, words: string, hint: string): Refusal {
  return { code, words, hint, retryable: true };
}
