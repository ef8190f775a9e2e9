/** Commands that go wrong: truly run, as another command that does just that. */
import { basename } from 'node:path';
import { OUCH, type Trouble } from '../faults.ts';

export interface Command {
  file: string;
  args: readonly string[];
}

/** Seconds. Within every deadline, and long enough to be noticed. */
export const LATE_S = 1.5;
/** A program that lives on is killed so soon; one that does not has answered by then. */
const MACHINE_DIES_S = 0.3;
const LONGEST_S = 20;

/** Printed with exit code 0. None is an answer of any engine; the last is that of a command which should have said something. */
const NOISE = [
  String.raw`\001\377\376 Segmentation fault (core dumped)\n`,
  String.raw`{"unexpected": [1, null, {"a": {}}]}\n`,
  '[]\n',
  'null\n',
  String.raw`WARNING: the answer is 42\n\n\n=\n:::\n`,
  '',
];

/** Starts a machine and lives as long as that. */
export function isMachine({ args }: Command): boolean {
  return args.some((arg) => arg === '--control' || arg.startsWith('guest=vmtest-'));
}

/** What a campaign tells people of a command: not the paths in it, which differ from run to run. */
export function nameOf({ file, args }: Command): string {
  const told = args.filter((word) => !word.includes('/') && word.length < 40);
  return [basename(file), ...told.slice(0, 5)].join(' ');
}

export function instead(trouble: Trouble, command: Command): Command {
  return isMachine(command) ? insteadOfMachine(trouble, command) : insteadOfCommand(trouble, command);
}

function insteadOfMachine({ fault, variant }: Trouble, command: Command): Command {
  // With the machine's arguments, by which a sweep would know it. `sh` would have a child of its own.
  if (fault === 'hangs') return { file: 'perl', args: ['-e', 'sleep 600', '--', ...words(command)] };
  const scripts = {
    fails: `echo '${OUCH}' >&2; exit 9`,
    late: `sleep ${LATE_S}; exec "$@"`,
    garbage: `${noise(variant)} >&2; exit 0`,
    dies: `(sleep ${MACHINE_DIES_S}; kill -KILL $$) & exec "$@"`,
  };
  return shell(scripts[fault], command);
}

function insteadOfCommand({ fault, isDone, variant }: Trouble, command: Command): Command {
  const effect = isDone ? '"$@" >/dev/null 2>&1; ' : '';
  const scripts = {
    fails: `${effect}echo '${OUCH}' >&2; exit 9`,
    hangs: `${effect}exec sleep 600`,
    late: `sleep ${LATE_S}; exec "$@"`,
    garbage: `${effect}${noise(variant)}; exit 0`,
    dies: `timeout --foreground -s KILL ${LONGEST_S} "$@" | head -c 40; kill -KILL $$`,
  };
  return shell(scripts[fault], command);
}

function noise(variant: number): string {
  return `printf '${NOISE[variant % NOISE.length]}'`;
}

function shell(script: string, command: Command): Command {
  return { file: 'sh', args: ['-c', script, 'sh', ...words(command)] };
}

function words({ file, args }: Command): string[] {
  return [file, ...args];
}
