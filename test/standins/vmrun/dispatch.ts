/** From a command line to its command. Whatever is not in a documented form is not accepted. */
import { serve } from '../machine/service.ts';
import type { CommandLine, Flags } from './command-line.ts';
import { clone, deleteVm } from './commands/clone.ts';
import { captureScreen, copyIn, copyOut, runProgramInGuest, runScriptInGuest } from './commands/guest.ts';
import { list, start, stop, suspend } from './commands/power.ts';
import { listSnapshots, removeSnapshot, revertToSnapshot, snapshot } from './commands/snapshots.ts';
import { checkToolsState, getGuestIPAddress } from './commands/tools.ts';
import { Failure } from './failure.ts';

export interface Answer {
  text: string;
  exitCode: number;
}

type Command = (flags: Flags, args: string[]) => Promise<string | Answer>;

const commands: Record<string, Command> = {
  list: (_flags, args) => exactly(args, 0, () => list()),
  start: (flags, args) => withChoice(args, ['gui', 'nogui'], 'gui', (vmx, how) => start(flags, vmx, how)),
  stop: (flags, args) => withChoice(args, ['hard', 'soft'], 'soft', (vmx, how) => stop(flags, vmx, how)),
  suspend: (flags, args) => withChoice(args, ['hard', 'soft'], 'soft', (vmx) => suspend(flags, vmx)),
  listsnapshots: (flags, args) =>
    withChoice(args, ['showTree'], '', (vmx, tree) => listSnapshots(flags, vmx, tree !== '')),
  snapshot: (flags, args) => exactly(args, 2, (vmx, name) => snapshot(flags, vmx, name)),
  reverttosnapshot: (flags, args) => exactly(args, 2, (vmx, name) => revertToSnapshot(flags, vmx, name)),
  deletesnapshot: (flags, args) => exactly(args, 2, (vmx, name) => removeSnapshot(flags, vmx, name)),
  clone: (flags, args) => cloneForm(flags, args),
  deletevm: (flags, args) => exactly(args, 1, (vmx) => deleteVm(flags, vmx)),
  checktoolsstate: (flags, args) => exactly(args, 1, (vmx) => checkToolsState(flags, vmx)),
  getguestipaddress: (flags, args) =>
    withChoice(args, ['-wait'], '', (vmx, wait) => getGuestIPAddress(flags, vmx, wait !== '')),
  runprograminguest: (flags, [vmx, ...rest]) =>
    vmx === undefined || rest.length === 0 ? refuse() : runProgramInGuest(flags, vmx, rest),
  runscriptinguest: (flags, [vmx, ...rest]) =>
    vmx === undefined || rest.length < 2 ? refuse() : runScriptInGuest(flags, vmx, rest),
  copyfilefromhosttoguest: (flags, args) => exactly(args, 3, (vmx, from, to) => copyIn(flags, vmx, from, to)),
  copyfilefromguesttohost: (flags, args) =>
    exactly(args, 3, (vmx, from, to) => copyOut(flags, vmx, from, to)),
  capturescreen: (flags, args) => exactly(args, 2, (vmx, file) => captureScreen(flags, vmx, file)),
};

/** For what goes on in a guest, which includes its shutting down. */
const WAITING = /guest|^stop$|^suspend$/;

/** @throws Failure */
export async function dispatch({ command, args, flags }: CommandLine): Promise<Answer> {
  const known = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (!known) throw new Failure(`Unrecognized command: ${command}`);
  const answer = await (WAITING.test(command) ? known(flags, args) : serve(() => known(flags, args)));
  return typeof answer === 'string' ? { text: answer, exitCode: 0 } : answer;
}

/** @throws Failure, so that the usage is shown. */
function refuse(): never {
  throw new Failure('Invalid argument');
}

function exactly<T>(
  args: string[],
  count: number,
  work: (first: string, second: string, third: string) => T,
): T {
  const [first = '', second = '', third = ''] = args;
  return args.length === count ? work(first, second, third) : refuse();
}

function withChoice<T>(
  args: string[],
  choices: readonly string[],
  fallback: string,
  work: (vmx: string, choice: string) => T,
): T {
  const [vmx, choice, ...more] = args;
  const isFine = vmx !== undefined && more.length === 0 && (choice === undefined || choices.includes(choice));
  return isFine ? work(vmx, choice ?? fallback) : refuse();
}

/** The help has it with an equals sign; Packer's two words are not in it. */
function cloneForm(flags: Flags, [source, target, kind, ...options]: string[]): Promise<string> {
  const value = (name: string) =>
    options.find((option) => option.startsWith(`-${name}=`))?.slice(name.length + 2);
  const [snapshotName, name] = [value('snapshot'), value('cloneName')];
  if (source === undefined || target === undefined || kind !== 'linked' || options.length !== 2) refuse();
  if (snapshotName === undefined || name === undefined) refuse();
  return clone(flags, source, target, { snapshot: snapshotName, name });
}
