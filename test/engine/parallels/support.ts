/** A Parallels stand-in with one VM that has two snapshots: `clean`, taken when it was off, and `live`, while it ran. */
import { onTestFinished } from 'vitest';
import { createParallelsControl } from '../../../drivers/parallels/control.ts';
import { createVmDriver } from '../../../drivers/vm/create-driver.ts';
import type { BaseTarget } from '../../../matrix/model.ts';
import type { StandIns } from '../../standins/install.ts';
import type { Fault } from '../../standins/prlctl/faults.ts';
import { installParallels } from '../../standins/prlctl/install.ts';
import { makeVm, type } from '../../standins/prlctl/person.ts';
import { tinyGuest } from '../../support/guests.ts';
import { targetOf } from '../../support/targets.ts';

export const never = new AbortController().signal;
export const NAME = 'it\'s "live" – 100 %';
/** In memory only: a guest that has booted since does not have it. */
export const MARK = '/tmp/mark';

export interface Parallels {
  standIns: StandIns;
  vm: string;
}

export async function parallelsWithVm(): Promise<Parallels> {
  const standIns = await installParallels();
  const vm = await makeVm(standIns, NAME);
  await type(standIns, 'snapshot', NAME, '--name', 'clean');
  await type(standIns, 'start', NAME);
  await untilTools(standIns);
  await type(standIns, 'exec', NAME, 'touch', MARK);
  await type(standIns, 'snapshot', NAME, '--name', 'live');
  await type(standIns, 'stop', NAME, '--kill');
  return { standIns, vm };
}

/** Waits for the tools in the guest. */
export async function untilTools({ host }: StandIns): Promise<void> {
  for (;;) {
    const { exitCode, stderr } = await host.exec(['prlctl', 'exec', NAME, 'true']);
    if (exitCode === 0) return;
    if (!stderr.includes('Unable to open new session')) throw new Error(stderr);
  }
}

/** Switched off again after the test. */
export function withFaults(standIns: StandIns, ...faults: Fault[]): void {
  standIns.setFaults(...faults);
  onTestFinished(() => standIns.setFaults());
}

/** A driver with no memory of earlier tests. */
export const driver = () => createVmDriver(createParallelsControl([]));

export async function target(
  options: Record<string, unknown>,
  more: Parameters<typeof targetOf>[2] = {},
): Promise<BaseTarget> {
  const { key } = await tinyGuest();
  const given = { vm: NAME, clone: 'auto', 'if-running': 'fail', ...options };
  return targetOf('parallels', given, { ...more, guest: { key, port: 2222, ...more.guest } });
}
