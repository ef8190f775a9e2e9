/** Misbehaviour that takes its time: for the campaign only. */
import { type Expected, type Faults, tooLong } from './expected.ts';

const LINE = 'a line of a log that somebody forgot to turn off';
/** What died first decides. */
const sick: Expected = { outcome: ['failed', 'error'] };
const flooded = (kept: RegExp): Expected => ({
  outcome: 'failed',
  exitCode: 1,
  says: /the end/,
  prints: kept,
});

export const LONG: Faults = {
  'prints 1 GB': {
    script: `yes '${LINE}' | head -c 1000000000; echo; echo the end; exit 1`,
    only: ['ssh'],
    // An emulated processor ciphers a megabyte a second.
    timeout: '1h',
    expect: flooded(/\n\[vmtest: \d+ characters of output left out\]\n[\s\S]*\nthe end\n$/),
  },
  'prints a line of 100 MB': {
    script: "head -c 100000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 1",
    only: ['ssh'],
    timeout: '10m',
    expect: flooded(/\n\[vmtest: \d+ characters of output left out\]\nx+\nthe end\n$/),
  },
  'prints until its deadline': {
    script: `while :; do echo '${LINE}'; done`,
    timeout: '10s',
    expect: tooLong,
  },
  // By these two ways outputs are files in the guest.
  'prints more than there is room for': {
    script: 'head -c 100000000 /dev/zero',
    only: ['agent', 'console'],
    timeout: '30m',
    expect: { outcome: 'error', says: /room|space|temporary folder/ },
  },
  'floods its console': {
    script: `while :; do echo '${LINE}'; done >/dev/console`,
    timeout: '10s',
    expect: sick,
  },
  'is a fork bomb': { script: 'bomb() { bomb | bomb & }; bomb; sleep 600', timeout: '15s', expect: sick },
  'eats all memory and is the last to be killed': {
    script: 'echo -1000 >/proc/self/oom_score_adj; exec tail /dev/zero',
    expect: sick,
  },
  // Its results lie there already: whether they can be had, the guest's memory decides.
  'fills its root': {
    script: 'cat /dev/zero >/full || true',
    expect: { outcome: ['passed', 'failed', 'error'] },
  },
  'leaves 12 000 files': {
    // The smallest guest has no room for as many of its own.
    script: 'mount -t tmpfs -o nr_inodes=20000 files logs; cd logs; seq 12000 | xargs touch; cd ..',
    expect: { outcome: 'passed', says: /limit of 10000 files/ },
  },
};
