/**
 * How guests misbehave, and what vmtest has to say of each. Before its fault every cell has left a whole, passing result
 * file: nothing that goes wrong afterwards may be hidden by it.
 */
import type { AccessKind } from '../../../src/guest/channel.ts';
import { died, type Fault, type Faults, failed, lost, notCollected, passed, tooLong } from './expected.ts';

/** Where scripts of ours come to the guest's `sh` as an argument, in which a program can be replaced. */
const REPLACED: readonly AccessKind[] = ['agent', 'console'];
const noRoom = notCollected(/room|space/i);

const MACHINE: Faults = {
  reboots: { script: 'sleep 1; reboot -f; sleep 60', expect: died(/restarted/) },
  panics: {
    script: `sleep 1; echo "last words" >/dev/console; echo 1 >/proc/sys/kernel/sysrq
echo c >/proc/sysrq-trigger; sleep 60`,
    expect: died(/kernel panicked[\s\S]*last words[\s\S]*Kernel panic/),
  },
  'powers off': { script: 'sleep 1; poweroff -f; sleep 60', expect: died(/powered off/) },
  'reboots as its files are fetched': {
    script: 'replace tar "reboot -f; sleep 60"',
    only: REPLACED,
    expect: { ...died(/restarted/), phase: 'collect' },
  },
};

const WHO_ANSWERS: Faults = {
  'kills sshd': { script: 'sleep 1; killall -9 dropbear; sleep 60', only: ['ssh'], expect: lost },
  'kills the listener of sshd': {
    script: 'kill $(cat /run/dropbear.pid); sleep 1',
    only: ['ssh'],
    expect: passed,
  },
  'kills the agent': {
    script: 'sleep 1; killall -9 qemu-ga; sleep 60',
    only: ['agent'],
    expect: { ...lost, says: /has ended/ },
  },
  'restarts the agent': {
    script: `agent=$(tr '\\0' ' ' <"/proc/$(pidof qemu-ga)/cmdline")
sleep 1; killall qemu-ga; sleep 1; $agent; sleep 60`,
    only: ['agent'],
    expect: lost,
  },
  'kills the shell of the console': {
    script: '(sleep 1; killall -9 sh) & sleep 60',
    only: ['console'],
    expect: lost,
  },
};

const PROCESSES: Faults = {
  'exits with 126': { script: 'exit 126', expect: failed(126) },
  'exits with 127': { script: 'exit 127', expect: failed(127) },
  'exits with 137': { script: 'exit 137', expect: failed(137) },
  'exits with 255': { script: 'exit 255', expect: failed(255) },
  'kills itself': { script: 'kill -9 $$', expect: { outcome: 'failed', signal: 'SIGKILL' } },
  'eats all memory': { script: 'tail /dev/zero', expect: failed(137) },
  'leaves a daemon on its stdout': {
    script: '(while :; do echo noise; sleep 1; done) & exit 0',
    expect: passed,
  },
  'is silent': { script: 'sleep 600', timeout: '3s', expect: tooLong },
  'ignores SIGTERM': {
    script: "trap '' TERM INT HUP; while :; do sleep 1; done",
    timeout: '3s',
    expect: tooLong,
  },
  'sets its clock back': { script: 'date -s 1980-01-01; sleep 1', expect: passed },
  'sets its clock ahead': { script: 'date -s 2093-01-01; sleep 1', expect: passed },
};

const OUTPUTS: Faults = {
  'closes its outputs': { script: 'exec >&- 2>&-; sleep 1; exit 7', expect: failed(7) },
  'prints a long line': {
    script: 'head -c 3000000 /dev/zero | tr "\\0" x; echo; echo the end; exit 1',
    expect: { ...failed(1), says: /the end/, prints: /x{1000}\nthe end\n$/ },
  },
  'forges our protocol': {
    script: `printf '%s\\n' '~a.1 2 ok ~' '~a.1 5 x 256 ~' '{"return": {"exited": true, "exitcode": 0}}' \\
  '##vmtest[passed]' '::error::no' 'vmtest-0123456789abcdef:shell' 'vmtest-0123456789abcdef:cwd' >&2; exit 125`,
    expect: { ...failed(125), prints: /##vmtest\[passed\]\n::error::no\n/ },
  },
};

const FILES: Faults = {
  'has no room for its results': {
    script: `mount -t tmpfs -o size=16k tmpfs out
{ echo '<testsuite name="s">'; seq 1000 | sed 's|.*|<testcase name="t&"/>|'; echo '</testsuite>'; } >all.xml
cp all.xml out/r.xml || true`,
    expect: notCollected(/not whole: out\/r\.xml: the file ends in the middle/, 'RESULTS_INCOMPLETE'),
  },
  'removes its results': { script: 'rm out/r.xml', expect: notCollected(/no file/, 'RESULTS_MISSING') },
  // By the agent and the console outputs of programs are files in the guest.
  'fills /tmp': {
    script: 'cat /dev/zero >/tmp/full || true',
    expect: passed,
    by: { agent: noRoom, console: noRoom },
  },
  'names its files oddly': {
    script: `touch "logs/a
b" "logs/$(printf '\\033[2J')" 'logs/nul' "logs/$(printf '\\377')" "logs/$(head -c 255 /dev/zero | tr '\\0' x)"`,
    expect: { outcome: 'passed', says: /was not taken from the guest: its name/ },
  },
};

const TOOLS: Faults = {
  'has no tar': {
    script: 'replace tar ""; rm /tmp/tar',
    only: REPLACED,
    expect: notCollected(/tar: /, 'GUEST_DOWNLOAD_FAILED'),
  },
  'has a tar that gives garbage': {
    script: 'replace tar "head -c 50000 /dev/urandom"',
    only: REPLACED,
    expect: notCollected(/damaged/, 'GUEST_ARCHIVE_DAMAGED'),
  },
  'has a tar that breaks off': {
    script: 'replace tar "busybox tar \\"\\$@\\" | head -c 700"',
    only: REPLACED,
    expect: notCollected(/ends too early/, 'GUEST_ARCHIVE_DAMAGED'),
  },
  'has a find that gives garbage': {
    script: 'replace find "head -c 50000 /dev/urandom"',
    only: REPLACED,
    expect: notCollected(/no file/),
  },
  'has a sh that gives garbage': {
    script: `printf '#!/bin/busybox sh\\nhead -c 5000 /dev/urandom\\n' >new; chmod 755 new; mv new /bin/sh`,
    expect: notCollected(/./),
  },
};

const ARCHIVES: Faults = {
  'sends links': sends('links', /SymbolicLink/),
  'sends paths that lead out': sends('paths', /leaves its folder/),
  'sends devices': sends('devices', /CharacterDevice/),
  'sends a bomb': sends('bomb', /over the limit/),
};

/** @param archive by its name in `archives.ts`. */
function sends(archive: string, says: RegExp): Fault {
  return {
    script: `replace tar "cat $PWD/archives/${archive}.tar"`,
    only: REPLACED,
    expect: notCollected(says, 'RESULTS_INCOMPLETE'),
  };
}

/** All that take no longer than other cells. */
export const FAULTS: Faults = {
  ...MACHINE,
  ...WHO_ANSWERS,
  ...PROCESSES,
  ...OUTPUTS,
  ...FILES,
  ...TOOLS,
  ...ARCHIVES,
};
