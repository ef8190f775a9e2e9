/** A picture of a machine's screen, for who looks for what went wrong. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Driver, Machine } from '../../drivers/driver.ts';
import { toVmtestError } from '../host/errors.ts';
import type { Host } from '../host/host.ts';
import { SCREEN } from '../results/cell-files.ts';

/** Milliseconds. */
const LONGEST_MS = 5_000;

/** Into a folder of a cell. Never throws: a machine that is gone or has no screen has a verdict that says enough. */
export async function takePicture(
  machine: Machine,
  folder: string,
  { driver, host }: { driver: Driver; host: Host },
): Promise<void> {
  if (!driver.capabilities.screenshot) return;
  try {
    await mkdir(folder, { recursive: true });
    await machine.screenshot(join(folder, SCREEN), AbortSignal.timeout(LONGEST_MS));
  } catch (error) {
    host.log(`no screenshot of ${machine.name}: ${toVmtestError(error).message}`);
  }
}

/** When what went wrong has been put right since. */
export function dropPicture(folder: string): Promise<void> {
  return rm(join(folder, SCREEN), { force: true });
}
