/** `adoptstate` and `discardstate`. */
import { discardMemory } from '../../machine/backing.ts';
import type { Command } from '../command.ts';
import { comFailure, Failure, usageFailure, where } from '../failure.ts';
import { changing, findMachine, lockForWriting, now } from '../state.ts';

/** Makes the machine a saved one; nobody looks into the file before it is started. */
export const adoptstate: Command = async (args) => {
  const [wanted, file] = args;
  if (wanted === undefined || file === undefined) throw usageFailure('Incorrect parameters');
  await changing((registry) => {
    const machine = findMachine(registry, wanted);
    lockForWriting(machine);
    machine.state = 'saved';
    machine.stateFile = file;
    machine.since = now();
  });
  return 0;
};

export const discardstate: Command = async (args) => {
  const [wanted, more] = args;
  if (wanted === undefined || more !== undefined) throw usageFailure('Incorrect parameters');
  await changing(async (registry) => {
    const machine = findMachine(registry, wanted);
    lockForWriting(machine);
    if (machine.state !== 'saved') {
      const text = `Cannot discard the saved state as the machine is not in the Saved or Aborted-Saved state (machine state: PoweredOff)`;
      // Says so, and calls it a success.
      const { lines } = comFailure(text, 'VBOX_E_INVALID_VM_STATE', where.SESSION);
      throw new Failure(lines, 0);
    }
    await discardMemory({ folder: machine.backing });
    machine.state = 'poweroff';
    machine.since = now();
    delete machine.stateFile;
  });
  return 0;
};
