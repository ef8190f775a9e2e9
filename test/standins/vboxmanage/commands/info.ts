/** `list` and `showvminfo`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from '../command.ts';
import { comFailure, notCovered, usageFailure, where } from '../failure.ts';
import { machineReadable } from '../machine-readable.ts';
import { parseOptions } from '../options.ts';
import { findMachine, looking, type Machine } from '../state.ts';

export const list: Command = async (args, io) => {
  const { words, values } = parseOptions(args, {
    '--long': 'flag',
    '-l': 'flag',
    '--sorted': 'flag',
    '-s': 'flag',
  });
  const [what = ''] = words;
  if (values.has('--long') || values.has('-l')) throw notCovered('list --long');
  const { machines } = await looking();
  const named = values.has('--sorted') || values.has('-s') ? [...machines].sort(byName) : machines;
  switch (what) {
    case 'vms':
      for (const { name, uuid } of named) io.out(`"${name}" {${uuid}}`);
      return 0;
    case 'runningvms':
      for (const { name, uuid, state } of named) if (state === 'running') io.out(`"${name}" {${uuid}}`);
      return 0;
    case 'hostonlyifs':
      return 0;
    default:
      throw usageFailure(`Unknown subcommand "${what}".`);
  }
};

function byName(a: Machine, b: Machine): number {
  return a.name < b.name ? -1 : 1;
}

export const showvminfo: Command = async (args, io) => {
  const { words, values } = parseOptions(args, {
    '--machinereadable': 'flag',
    '--details': 'flag',
    '--log': 'value',
  });
  const [wanted] = words;
  if (wanted === undefined) throw usageFailure('VM name or UUID required');
  const registry = await looking();
  const machine = findMachine(registry, wanted);
  if (values.has('--log')) {
    if (values.has('--machinereadable')) throw usageFailure('Option --log is exclusive');
    io.out((await readLog(machine, values.get('--log') ?? '0')).trimEnd());
    return 0;
  }
  if (!values.has('--machinereadable')) throw notCovered('showvminfo for people');
  for (const line of machineReadable(machine, registry)) io.out(line);
  return 0;
};

async function readLog(machine: Machine, index: string): Promise<string> {
  const path = join(machine.folder, 'Logs', index === '0' ? 'VBox.log' : `VBox.log.${index}`);
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw comFailure(
      `Could not open log file '${path}' (VERR_FILE_NOT_FOUND)`,
      'VBOX_E_IPRT_ERROR',
      where.MACHINE,
    );
  }
}
