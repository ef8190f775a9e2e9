/**
 * Loaded into a vmtest before its own code (`node --import`): counts every program that it starts and every line that a
 * machine says on its control connection, and has one of them go wrong. What was counted, and what this process complains
 * of itself, is written down, a line of JSON each.
 */
import childProcess, { type ChildProcess, type SpawnOptions } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { type StepKind, strikes, type Trouble } from '../faults.ts';
import { type Command, instead, isMachine, nameOf } from './commands.ts';
import type { Protocol } from './messages.ts';
import { connectFor, type Proxied, serveFor } from './proxy.ts';
import type { Told } from './told.ts';

/** Path of a file with `{ told, trouble }`. */
const { told, trouble } = JSON.parse(readFileSync(process.env['VMTEST_BENT'] ?? '', 'utf8')) as {
  told: string;
  trouble?: Trouble;
};
// What this process starts is not bent once more.
delete process.env['NODE_OPTIONS'];

const tell = (line: Told) => appendFileSync(told, `${JSON.stringify(line)}\n`);
const counts: Record<StepKind, number> = { command: 0, message: 0 };

function next(kind: StepKind, name: string): Trouble | undefined {
  const at = counts[kind]++;
  const struck = strikes(trouble, kind, at) ? trouble : undefined;
  tell({ kind, at, name, isBent: struck !== undefined });
  return struck;
}

process.on('uncaughtExceptionMonitor', (error, origin) => {
  tell({ kind: 'complaint', name: `${origin}: ${error.stack ?? error}` });
});
process.on('warning', ({ name, message }) => tell({ kind: 'complaint', name: `${name}: ${message}` }));

const spawn = childProcess.spawn;
childProcess.spawn = ((file: string, args: readonly string[], options: SpawnOptions): ChildProcess => {
  const command = { file, args };
  const struck = next('command', nameOf(command));
  const wired = isMachine(command) ? rewired(command) : undefined;
  const { file: program, args: words } = struck
    ? instead(struck, wired?.command ?? command)
    : (wired?.command ?? command);
  const child = spawn(program, words, options);
  wired?.wire(child);
  return child;
}) as typeof spawn;
syncBuiltinESMExports();

interface Rewired {
  command: Command;
  wire(child: ChildProcess): void;
}

const CONTROL: Record<Protocol, RegExp> = { qmp: /\/[^,=]*\/qmp\.sock/, v86: /^\/.*\/control\.sock$/ };

/** The same machine with its control connection led through here. */
function rewired(command: Command): Rewired {
  const protocol = command.args.includes('--control') ? 'v86' : 'qmp';
  const shownPath = command.args
    .map((word) => CONTROL[protocol].exec(word)?.[0])
    .find((path) => path !== undefined);
  if (shownPath === undefined) throw new Error(`no control socket in: ${command.args.join(' ')}`);
  const other = shownPath.replace(/sock$/, 'real');
  const args = command.args.map((word) => word.replace(shownPath, other));
  const wire = (child: ChildProcess) => {
    const proxied: Proxied = {
      protocol,
      next: (name) => next('message', name),
      kill: () => child.kill('SIGKILL'),
    };
    if (protocol === 'v86') connectFor(shownPath, other, proxied);
    else void serveFor(other, shownPath, proxied, () => child.exitCode !== null || child.signalCode !== null);
  };
  return { command: { file: command.file, args }, wire };
}
