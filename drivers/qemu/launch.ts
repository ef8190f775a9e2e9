/** From a plan and files to a machine whose processors do not run yet. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CleanFacts, DriverContext } from '../driver.ts';
import { commandLine, type MachineFiles } from './command-line.ts';
import { QemuMachine } from './machine.ts';
import { migrationSocket } from './machine-files.ts';
import { loadState } from './migrate.ts';
import type { Plan } from './plan.ts';
import { type QemuProcess, startQemu } from './process.ts';

export interface Launch {
  plan: Plan;
  files: MachineFiles;
  clean: { identity: string; facts: CleanFacts };
  /** The file with the state to continue, when `files.from` is `incoming`. */
  state?: string;
}

/** Whatever fails, no process is left. */
export async function launch(
  { plan, files, clean, state }: Launch,
  { host, signal }: DriverContext,
): Promise<{ machine: QemuMachine; process: QemuProcess }> {
  await mkdir(dirname(files.consoleLog), { recursive: true });
  const argv = commandLine(plan.programs.system.path, plan.spec, files);
  const process = await startQemu(host, argv, files.qmp, signal);
  try {
    if (state !== undefined) await loadState(process.qmp, state, migrationSocket(files), signal);
    return { machine: new QemuMachine({ plan, process, files, clean }), process };
  } catch (error) {
    await process.end();
    throw error;
  }
}
