/** VMware Tools are the tiny guest's agent; they are up a while after the machine is. */

import { setTimeout as delay } from 'node:timers/promises';
import { guestAgent } from '../../machine/backing.ts';
import type { Flags } from '../command-line.ts';
import { Failure, noTools, notOn } from '../failure.ts';
import { hasFault } from '../faults.ts';
import { backingOf, change, type Machine, machineOf } from '../machines.ts';

/** Those of the tiny guest. */
const USER = 'root';
const PASSWORD = 'tiny';

const POLL_MS = 200;

/** Once they have been up they are given time: a guest that is emulated on a busy host may be out of breath. */
const PATIENCE_MS = { atFirst: 2_000, later: 20_000 };

async function areUp(machine: Machine, vmx: string): Promise<boolean> {
  if (!machine.running || hasFault('no-tools')) return false;
  const patience = machine.toolsSeen ? PATIENCE_MS.later : PATIENCE_MS.atFirst;
  const up = await guestAgent(backingOf(machine), 'guest-ping', undefined, patience).then(
    () => true,
    () => false,
  );
  if (up && !machine.toolsSeen) {
    await change(vmx, (seen) => {
      seen.toolsSeen = true;
    });
  }
  return up;
}

export async function requireTools(machine: Machine, vmx: string): Promise<void> {
  if (!machine.running) throw notOn(vmx);
  if (!(await areUp(machine, vmx))) throw noTools(vmx);
}

export async function requireLogin(flags: Flags, vmx: string): Promise<Machine> {
  const machine = await machineOf(vmx, flags);
  await requireTools(machine, vmx);
  if (flags.user !== USER || flags.password !== PASSWORD) {
    throw new Failure('Invalid user name or password for the guest OS');
  }
  return machine;
}

/** On a machine that does not run it answers, and fails. */
export async function checkToolsState(
  flags: Flags,
  vmx: string,
): Promise<{ text: string; exitCode: number }> {
  const machine = await machineOf(vmx, flags);
  if (!machine.running) return { text: 'unknown\n', exitCode: 254 };
  return { text: (await areUp(machine, vmx)) ? 'running\n' : 'installed\n', exitCode: 0 };
}

export async function getGuestIPAddress(flags: Flags, vmx: string, wait: boolean): Promise<string> {
  for (;;) {
    const answer = await addressNow(flags, vmx).catch((error: unknown) => {
      if (!wait) throw error;
      return undefined;
    });
    if (answer !== undefined && (!wait || answer !== 'unknown')) return `${answer}\n`;
    await delay(POLL_MS);
  }
}

async function addressNow(flags: Flags, vmx: string): Promise<string> {
  const machine = await machineOf(vmx, flags);
  await requireTools(machine, vmx);
  await change(vmx, (asked) => {
    asked.asked += 1;
  });
  if (hasFault('no-address')) return 'unknown';
  if (!hasFault('late-address')) return machine.address;
  if (machine.asked === 0) throw new Failure('Unable to get the IP address');
  return ['unknown', '172.17.0.1'][machine.asked - 1] ?? machine.address;
}
