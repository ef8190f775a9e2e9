/** `start`, `resume`, `stop`, `suspend`, `pause`. */
import {
  isRunning,
  kill,
  monitor,
  powerButton,
  restoreSnapshot,
  startBacking,
  takeSnapshot,
} from '../machine/backing.ts';
import { parseArguments } from './arguments.ts';
import { Failure, notStarted } from './failure.ts';
import { hasFault } from './faults.ts';
import { backingOf, changeBooks, findIn, lookUp, mustBe, statusOf, type Vm } from './state.ts';

/** Milliseconds, as reported: a status may be late by seconds; a kill leaves the session open a little longer. */
const LATE = { unchanged: 700, changing: 2_500, lock: 1_500 };
const SOFT_STOP_MS = 120_000;
const LOOK_MS = 200;

export function start(args: readonly string[]): Promise<string> {
  const [wanted = ''] = parseArguments(args, { words: 1 }).words;
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, wanted, 'start the VM');
    if ((await statusOf(id, vm)) === 'running') {
      throw new Failure('Failed to start the VM: The virtual machine is already running.');
    }
    await mustBe(id, vm, 'start the VM', 'stopped', 'suspended');
    const late = vm.status === 'stopped' ? 'starting' : 'resuming';
    await run(id, vm, late);
    return 'Starting the VM...\nThe VM has been successfully started.\n';
  });
}

export function resume(args: readonly string[]): Promise<string> {
  const [wanted = ''] = parseArguments(args, { words: 1 }).words;
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, wanted, 'resume the VM');
    const status = await mustBe(id, vm, 'resume the VM', 'suspended', 'paused');
    if (status === 'suspended') await run(id, vm, 'resuming');
    else {
      await monitor(backingOf(id), 'cont');
      vm.status = 'running';
    }
    return 'Resuming the VM...\nThe VM has been successfully resumed.\n';
  });
}

async function run(id: string, vm: Vm, late: string): Promise<void> {
  if (hasFault('start-fails')) return;
  const before = vm.status;
  await startBacking(backingOf(id), {
    address: vm.address,
    headless: true,
    ...(vm.serial === undefined ? {} : { serial: vm.serial }),
  });
  vm.status = 'running';
  if (!hasFault('slow-states')) return;
  const now = Date.now();
  vm.meanwhile = {
    words: [
      [before, now + LATE.unchanged],
      [late, now + LATE.changing],
    ],
  };
}

/** Softly, it waits for the guest, and for ever if that does not react. */
export async function stop(args: readonly string[]): Promise<string> {
  const parsed = parseArguments(args, { words: 1, flags: ['--kill', '--acpi'] });
  const [wanted = ''] = parsed.words;
  const { id, vm } = await lookUp(wanted, 'stop the VM');
  // What it does, not what it is shown to do.
  const status = await statusOf(id, { ...vm, meanwhile: undefined });
  if (status === 'paused') {
    throw new Failure(
      `Failed to stop the VM: Unable to complete the operation. This operation cannot be completed because the virtual machine "${vm.name} is in the "paused" state.`,
    );
  }
  if (status === 'stopped' || status === 'suspended') throw notStarted(vm.name);
  const backing = backingOf(id);
  if (!parsed.has('--kill')) {
    await powerButton(backing);
    for (const end = Date.now() + SOFT_STOP_MS; Date.now() < end && (await isRunning(backing)); ) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
  await changeBooks(async (books) => {
    if (parsed.has('--kill')) await kill(backing);
    const now = findIn(books, id, 'stop the VM').vm;
    now.status = 'stopped';
    now.meanwhile = undefined;
    now.lockedUntil = Date.now() + LATE.lock;
  });
  return 'Stopping the VM...\nThe VM has been forcibly stopped\n';
}

export function suspend(args: readonly string[]): Promise<string> {
  const [wanted = ''] = parseArguments(args, { words: 1 }).words;
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, wanted, 'suspend the VM');
    await mustBe(id, vm, 'suspend the VM', 'running');
    const backing = backingOf(id);
    await takeSnapshot(backing, 'suspended');
    await kill(backing);
    await restoreSnapshot(backing, 'suspended');
    vm.status = 'suspended';
    return 'Suspending the VM...\nThe VM has been successfully suspended.\n';
  });
}

export function pause(args: readonly string[]): Promise<string> {
  const [wanted = ''] = parseArguments(args, { words: 1 }).words;
  return changeBooks(async (books) => {
    const { id, vm } = findIn(books, wanted, 'pause the VM');
    await mustBe(id, vm, 'pause the VM', 'running');
    await monitor(backingOf(id), 'stop');
    vm.status = 'paused';
    return 'Pause the VM...\nThe VM has been successfully paused.\n';
  });
}
