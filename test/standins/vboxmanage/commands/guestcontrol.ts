/** `guestcontrol`: run, copyto and copyfrom, by the agent of the guest behind the machine. */
import { fstatSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { type Backing, guestAgent, guestExec, readGuestFile, writeGuestFile } from '../../machine/backing.ts';
import type { Command, Io } from '../command.ts';
import { comFailure, notCovered, plainFailure, usageFailure } from '../failure.ts';
import { type Parsed, parseOptions } from '../options.ts';
import { findMachine, hasFault, looking, type Machine } from '../state.ts';

const GUEST = { component: 'GuestWrap', iface: 'IGuest' };
const SESSION = { component: 'GuestSessionWrap', iface: 'IGuestSession' };

/** That of root in the tiny guest. */
const PASSWORD = 'tiny';
/** How long Additions take to come up with the fault `slow-additions`. Milliseconds. */
const SLOW_MS = 6_000;

const LOGIN = { '--username': 'value', '--password': 'value', '--passwordfile': 'value' } as const;
const RUN = {
  ...LOGIN,
  '--timeout': 'value',
  '--exe': 'value',
  '--arg0': 'value',
  '--unquoted-args': 'flag',
} as const;

const OTHERS: ReadonlySet<string> = new Set([
  ...['start', 'mkdir', 'rmdir', 'rm', 'mv', 'mktemp', 'stat', 'list', 'closeprocess', 'closesession'],
  ...['updatega', 'watch', 'mount', 'fsinfo'],
]);

export const guestcontrol: Command = async (args, io) => {
  const [wanted = '', verb, ...rest] = args;
  switch (verb) {
    case undefined:
      throw usageFailure('Missing sub-command', { again: true });
    case 'run': {
      const { env, words } = takeEnvironment(rest);
      const parsed = parseOptions(words, RUN);
      if (parsed.rest.length === 0) throw usageFailure('No executable specified!');
      const login = await readLogin(parsed);
      const outputs = standardOutputs(io);
      const machine = await logIn(wanted, login);
      return run(machine, parsed.rest, env, outputs);
    }
    case 'copyto':
    case 'copyfrom': {
      const parsed = parseOptions(rest, LOGIN);
      const [from, to, ...more] = parsed.words;
      if (from === undefined || to === undefined) throw usageFailure('No source(s) specified!');
      if (more.length > 0) throw notCovered(`${verb} of several files`);
      const machine = await logIn(wanted, await readLogin(parsed));
      await copy(verb, { folder: machine.backing }, from, to);
      return 0;
    }
    default:
      if (OTHERS.has(verb)) throw notCovered(`guestcontrol ${verb}`);
      throw usageFailure(`Unknown sub-command: '${verb}'`, { again: true });
  }
};

/**
 * VirtualBox writes to files, pipes and terminals. What is a socket (as Node makes them for its children) it does not
 * know: it says so, and whatever the guest's program prints goes nowhere.
 */
function standardOutputs(io: Io): Io['raw'] {
  const known = { stdout: !fstatSync(1).isSocket(), stderr: !fstatSync(2).isSocket() };
  for (const [name, isKnown] of Object.entries(known)) {
    if (!isKnown) io.err(`VBoxManage: warning: Error getting ${name} handle: VERR_NOT_IMPLEMENTED`);
  }
  return (stream, data) => {
    if (known[stream]) io.raw(stream, data);
  };
}

/** `-E` and `--putenv` may come more than once. */
function takeEnvironment(args: readonly string[]): { env: string[]; words: string[] } {
  const env: string[] = [];
  const words: string[] = [];
  const end = args.indexOf('--');
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] as string;
    if ((end < 0 || at < end) && (word === '-E' || word === '--putenv')) {
      at += 1;
      env.push(args[at] ?? '');
    } else words.push(word);
  }
  return { env, words };
}

interface Login {
  user: string | undefined;
  password: string | undefined;
}

async function readLogin({ values }: Parsed): Promise<Login> {
  const file = values.get('--passwordfile');
  const password = file === undefined ? values.get('--password') : await readPassword(file);
  return { user: values.get('--username'), password };
}

/** In the order in which the real one finds out what is wrong. */
async function logIn(wanted: string, { user, password }: Login): Promise<Machine> {
  if (user === undefined) throw usageFailure('No user name specified!');
  const machine = findMachine(await looking(), wanted);
  if (machine.state !== 'running') {
    const state = machine.state === 'saved' ? 'saved' : 'powered off';
    throw plainFailure(`Machine "${wanted}" is not running (currently ${state})!`);
  }
  const late = hasFault('slow-additions') && Date.now() - (machine.started ?? 0) < SLOW_MS;
  const answers =
    !late &&
    !hasFault('no-additions') &&
    (await guestAgent({ folder: machine.backing }, 'guest-ping').catch(() => false));
  if (answers === false) {
    const text = 'Guest Additions are not installed or not ready (yet)';
    throw comFailure(text, 'VBOX_E_GSTCTL_GUEST_ERROR', GUEST);
  }
  if (user !== 'root' || password !== PASSWORD) {
    const text = 'The specified user was not able to logon on guest';
    throw comFailure(text, 'VBOX_E_GSTCTL_GUEST_ERROR', SESSION);
  }
  return machine;
}

async function readPassword(file: string): Promise<string> {
  try {
    const text = file === 'stdin' ? await readStdin() : await readFile(file, 'utf8');
    return text.split('\n')[0]?.replace(/\r$/, '') ?? '';
  } catch {
    throw plainFailure(`Cannot open password file '${file}' (VERR_FILE_NOT_FOUND)`);
  }
}

async function readStdin(): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

/** The code of a program that failed is another outside: 1 to 93 are 32 higher, all beyond are 126. */
async function run(machine: Machine, argv: string[], env: string[], raw: Io['raw']): Promise<number> {
  const path = env.some((entry) => entry.startsWith('PATH=')) ? [] : ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'];
  const all = ['HOME=/root', 'USER=root', 'LOGNAME=root', ...path, ...env];
  const result = await guestExec({ folder: machine.backing }, argv, { env: all }).catch((error: unknown) => {
    throw lost(error, argv[0] ?? '');
  });
  raw('stdout', result.stdout);
  raw('stderr', result.stderr);
  if (result.exitCode === 0) return 0;
  return result.exitCode <= 93 ? result.exitCode + 32 : 126;
}

function lost(error: unknown, program: string) {
  const text = /No such file|Failed to execute/i.test(String(error))
    ? `Guest error: The file "${program}" was not found on the guest: VERR_FILE_NOT_FOUND`
    : 'Guest session terminated abnormally';
  return comFailure(text, 'VBOX_E_GSTCTL_GUEST_ERROR', SESSION);
}

async function copy(verb: 'copyto' | 'copyfrom', guest: Backing, from: string, to: string): Promise<void> {
  if (verb === 'copyto') {
    const data = await readFile(from).catch(() => {
      throw plainFailure(
        `Error looking file system information for source '${from}', vrc=VERR_FILE_NOT_FOUND`,
      );
    });
    await writeGuestFile(guest, to, data);
    return;
  }
  const data = await readGuestFile(guest, from).catch(() => {
    const text = `Querying guest file information for "${from}" failed: VERR_FILE_NOT_FOUND`;
    throw comFailure(text, 'VBOX_E_GSTCTL_GUEST_ERROR', SESSION);
  });
  await writeFile(to, data);
}
