/** What a machine's process prints when it fails, as coded errors. The one file that matches the texts of Node and v86. */
import type { VmtestError } from '../../src/host/errors.ts';
import { explainFailure, type FailureContext, type KnownFailure } from '../../src/host/known-failures.ts';

const known: readonly KnownFailure[] = [
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

/** An error out of how a process ended and what it said; its whole text is kept as details. */
export function explain(text: string, context: FailureContext): VmtestError {
  return explainFailure(text, context, {
    known,
    tell: (said) => telling(said) || 'its process ended without a word',
  });
}

/** The line that says most: that of an uncaught error, which Node prints between its source and its stack. */
export function telling(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(?:\w*Error|RangeError)\b.*:/.test(line)) ?? lines.find(Boolean) ?? '';
}
