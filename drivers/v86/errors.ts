/** What a machine's process prints when it fails, as coded errors. The one file that matches the texts of Node and v86. */
import { VmtestError } from '../../src/host/errors.ts';

interface Failure {
  pattern: RegExp;
  code: string;
  message: string;
  hint?: string;
  retryable?: boolean;
}

const failures: readonly Failure[] = [
  {
    pattern:
      /WebAssembly\.Memory\(\): could not allocate|Array buffer allocation failed|heap out of memory|Cannot allocate memory|ENOMEM/,
    code: 'V86_NO_MEMORY',
    message: 'this host has not enough free memory for the guest',
    hint: 'Lower `memory` of the target, or `limits.jobs`.',
    retryable: true,
  },
  {
    pattern: /ENOSPC/,
    code: 'DISK_FULL',
    message: 'the disk of this host is full',
    hint: 'Free some space: `vmtest clean` takes away what dead runs left.',
  },
  {
    pattern: /Cannot find (?:package|module) '?v86/,
    code: 'V86_PACKAGE_MISSING',
    message: 'the npm package v86 is not installed',
    hint: 'vmtest brings it along; install it anew: npm install vmtest',
  },
  {
    pattern: /ENOENT: no such file or directory, open '([^']*)'/,
    code: 'V86_FILE_MISSING',
    message: 'the file $1 does not exist',
  },
  {
    pattern: /was ended by SIGKILL/,
    code: 'V86_KILLED',
    message: "the machine's process was killed, by a person or for want of memory",
    hint: 'Look whether this host ran out of memory: dmesg | grep -i "killed process"',
    retryable: true,
  },
];

export interface Context {
  /** What was being done: "starting the machine". */
  doing: string;
  /** For failures that are not in the table. */
  code: string;
  retryable?: boolean;
}

/** An error out of how a process ended and what it said; its whole text is kept as details. */
export function explain(text: string, { doing, code, retryable }: Context): VmtestError {
  const known = failures.find(({ pattern }) => pattern.test(text));
  const message = known
    ? known.message.replace('$1', known.pattern.exec(text)?.[1] ?? '?')
    : telling(text) || 'its process ended without a word';
  return new VmtestError(known?.code ?? code, `${doing} failed: ${message}`, {
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
    ...(text.trim() === '' ? {} : { details: text }),
    retryable: known ? (known.retryable ?? false) : (retryable ?? false),
  });
}

/** The line that says most: that of an uncaught error, which Node prints between its source and its stack. */
export function telling(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(?:\w*Error|RangeError)\b.*:/.test(line)) ?? lines.find(Boolean) ?? '';
}
