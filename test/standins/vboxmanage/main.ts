/** VBoxManage's stand-in: reads the command, prints the answer as the locale lets it, and exits as VirtualBox would. */
import { setTimeout as delay } from 'node:timers/promises';
import { serve } from '../machine/service.ts';
import type { Command, Io } from './command.ts';
import { guestcontrol } from './commands/guestcontrol.ts';
import { guestproperty } from './commands/guestproperty.ts';
import { list, showvminfo } from './commands/info.ts';
import { clonevm, createvm, unregistervm } from './commands/machines.ts';
import { modifyvm } from './commands/modifyvm.ts';
import { controlvm, startvm } from './commands/power.ts';
import { adoptstate, discardstate } from './commands/saved-state.ts';
import { snapshot } from './commands/snapshot.ts';
import { createmedium, storageattach, storagectl } from './commands/storage.ts';
import { BANNER, comLines, Failure, plainFailure, usageFailure, usageOnly } from './failure.ts';
import { changing, hasFault } from './state.ts';

const commands: Readonly<Record<string, Command>> = {
  adoptstate,
  clonevm,
  controlvm,
  createmedium,
  createvm,
  discardstate,
  guestcontrol,
  guestproperty,
  list,
  modifyvm,
  showvminfo,
  snapshot,
  startvm,
  storageattach,
  storagectl,
  unregistervm,
};

/** For what goes on in a guest. */
const WAITING: ReadonlySet<string> = new Set(['guestcontrol', 'guestproperty']);

const VERSION = '7.2.22_Debianr175245';

/** As the wrapper script says it, before every answer. */
const NO_DRIVER = `WARNING: The character device /dev/vboxdrv does not exist.
\t Please install the virtualbox-dkms package and the appropriate
\t headers, most likely linux-headers-amd64.

\t You will not be able to start VMs until this problem is fixed.
`;

const HANG_MS = 3_600_000;

const isUtf8 = /utf-?8/i.test(process.env['LC_ALL'] ?? process.env['LANG'] ?? '');
let stdout = '';
const io: Io = {
  out: (line) => {
    stdout += `${line}\n`;
  },
  raw: (stream, data) => {
    if (stream === 'stdout') process.stdout.write(data);
    else process.stderr.write(data);
  },
  err: (line) => process.stderr.write(`${line}\n`),
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  if (!(thrown instanceof Failure)) throw thrown;
  for (const line of thrown.lines) {
    if (thrown.onStdout) io.out(line);
    else io.err(line);
  }
  process.exitCode = thrown.exitCode;
}
print(stdout);

async function main([name, ...args]: string[]): Promise<number> {
  if (hasFault('no-driver')) process.stdout.write(NO_DRIVER);
  if (hasFault('hang')) await delay(HANG_MS);
  if (!isUtf8 && process.argv.some((word) => isForeign(word))) {
    throw new Failure(['VBoxManage: fatal error: RTR3Init: VERR_NO_TRANSLATION'], 3);
  }
  if (name === undefined) {
    for (const line of [...BANNER, ...usageOnly().lines]) io.out(line);
    return 0;
  }
  if (name === '--version' || name === '-V') {
    io.out(VERSION);
    return 0;
  }
  if (!Object.hasOwn(commands, name)) throw usageFailure(`Invalid command '${name}'`, { again: true });
  if (args.length === 0) throw usageOnly();
  await meetService();
  const command = async () => (await (commands[name] as Command)(args, io)) ?? 0;
  return WAITING.has(name) ? command() : serve(command);
}

/** Somebody else's last command was a moment ago: its server is just ending. */
async function meetService(): Promise<void> {
  if (!hasFault('service')) return;
  const turn = await changing((registry) => {
    registry.commands += 1;
    return registry.commands;
  });
  if (turn % 3 !== 0) return;
  const lines = comLines('The object is not ready', 'E_ACCESSDENIED', {
    component: 'VirtualBoxWrap',
    iface: 'IVirtualBox',
  });
  throw new Failure([plainFailure('Failed to create the VirtualBox object!').lines[0] as string, ...lines]);
}

/** In the locale C, output ends for good at the first letter that ASCII has not. */
function print(text: string): void {
  const end = isUtf8 ? -1 : [...text].findIndex((char) => isForeign(char));
  process.stdout.write(end < 0 ? text : [...text].slice(0, end).join(''));
}

function isForeign(text: string): boolean {
  return /[^\0-\x7f]/.test(text);
}
