/** `exec`: a program in the guest. Its manners are the vendor's, and not kind. */
import { guestAgent, guestExec } from '../machine/backing.ts';
import { usage } from './arguments.ts';
import { Failure, noSession, notStarted } from './failure.ts';
import { hasFault } from './faults.ts';
import { backingOf, changeBooks, lookUp, statusOf } from './state.ts';

/** Bytes of all arguments, beyond which the vendor's command hangs for ever. */
const MOST_ARGUMENTS = 3_900;
/** What is printed within a fraction of a second is swallowed: everything, of a script that does not wait so long. */
const SWALLOWED_MS = 300;

export interface Ended {
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
}

export async function exec([wanted, ...argv]: readonly string[]): Promise<Ended> {
  const [program] = argv;
  if (wanted === undefined || program === undefined) throw usage('exec needs a VM and a program');
  if (program.startsWith('-')) throw usage(`unrecognized option ${program}`);
  if (Buffer.byteLength(argv.join(' ')) > MOST_ARGUMENTS) await forEver();
  const { id, vm } = await lookUp(wanted, 'get VM config');
  if ((await statusOf(id, vm)) !== 'running') throw notStarted(vm.name);
  if (vm.tools !== 'installed' || vm.settings['isolate-vm'] === 'on') throw noSession();
  if (hasFault('stale-exec') && (await count()) % 3 === 0) {
    throw new Failure('PrlVmGuest_RunProgram: Invalid argument');
  }
  // One string that holds the whole command finds no program, and nothing is said about it.
  if (/\s/.test(program)) return { exitCode: 2, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  return inGuest(id, argv);
}

async function inGuest(id: string, argv: readonly string[]): Promise<Ended> {
  const backing = backingOf(id);
  await guestAgent(backing, 'guest-ping').catch(() => {
    throw noSession();
  });
  // Arguments are joined for the way and split again behind it, and quotes do not survive that.
  const words = argv.join(' ').split(/\s+/);
  const began = Date.now();
  const ended = await guestExec(backing, words, { input: await stdin() });
  if (!hasFault('lossy-exec')) return ended;
  const isEarly = Date.now() - began < SWALLOWED_MS + 700;
  return { exitCode: 0, stdout: isEarly ? Buffer.alloc(0) : ended.stdout, stderr: ended.stderr };
}

async function stdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function count(): Promise<number> {
  return changeBooks((books) => {
    books.execs = (books.execs ?? 0) + 1;
    return books.execs;
  });
}

export function forEver(): Promise<never> {
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 60_000);
  return new Promise(() => {});
}
