/** From a plan to a machine whose processor does not run yet. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CleanFacts } from '../driver.ts';
import { V86Machine } from './machine.ts';
import { machineFiles, removeMachineFiles } from './machine-files.ts';
import type { Plan } from './plan.ts';
import { type ProcessContext, startProcess } from './process.ts';
import type { MachineSpec } from './protocol.ts';
import { bootOrderNumber } from './settings.ts';
import { STATE_FILES } from './states.ts';

export interface Launch {
  plan: Plan;
  consoleLog: string;
  clean: { identity: string; facts: CleanFacts };
  /** Folder of the saved state to continue; without it, a cold boot. */
  state?: string;
}

/** Whatever fails, nothing of the machine is left. */
export async function launch(
  { plan, consoleLog, clean, state }: Launch,
  context: ProcessContext,
): Promise<V86Machine> {
  const files = machineFiles(context.lease.record);
  await mkdir(dirname(consoleLog), { recursive: true });
  const own = { disk: files.disk, console: files.console, consoleLog };
  try {
    const process = await startProcess(files, specOf(plan, own, state), context);
    return new V86Machine({ plan, process, files, consoleLog, clean });
  } catch (error) {
    await removeMachineFiles(files);
    throw error;
  }
}

interface OwnPaths {
  disk: string;
  console: string;
  consoleLog: string;
}

/** Exported for its test. */
export function specOf({ settings, bios, target }: Plan, own: OwnPaths, state?: string): MachineSpec {
  const { kernel, initrd, append, image, cdrom, floppy, memory, vgaMemory, network, bootOrder } = settings;
  const frozen = state === undefined ? {} : { frozen: join(state, STATE_FILES.disk) };
  // A saved state holds all that was read from these at the boot.
  const boot = state === undefined ? { kernel, initrd } : { state: join(state, STATE_FILES.machine) };
  const media = { ...boot, append, cdrom, floppy };
  return {
    memory,
    vgaMemory,
    ...bios,
    bootOrder: bootOrderNumber(bootOrder),
    network,
    guestPort: target.guest.port,
    ...(image === undefined ? {} : { disk: { image, ...frozen, own: own.disk } }),
    ...(Object.fromEntries(
      Object.entries(media).filter(([, path]) => path !== undefined),
    ) as Partial<MachineSpec>),
    console: own.console,
    consoleLog: own.consoleLog,
  };
}
