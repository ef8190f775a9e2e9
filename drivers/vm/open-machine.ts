/** The restore of a cell: a linked clone, or the VM itself, under a lock that other processes see. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BaseTarget } from '../../matrix/model.ts';
import { undoAndThrow, VmtestError } from '../../src/host/errors.ts';
import type { Lease, Unlock } from '../../src/host/host.ts';
import type { OpenContext } from '../driver.ts';
import { withoutSecrets } from '../without-secrets.ts';
import { type Commands, UNDO_MS } from './commands.ts';
import type { Arranged, VmContext, VmRef } from './control.ts';
import { lockName } from './in-use.ts';
import { ENDING, factsOf } from './lease-facts.ts';
import { VmMachine } from './machine.ts';
import { makeFree, useOf } from './make-free.ts';
import { type Plan, planOrThrow } from './plan.ts';

export async function openMachine(
  commands: Commands,
  target: BaseTarget,
  context: OpenContext,
): Promise<VmMachine> {
  const of: VmContext = { host: context.host, target, signal: context.signal };
  const plan = await planOrThrow(commands, of);
  const { id, name } = plan.vm;
  await context.lease.note({ vm: { id, name }, options: withoutSecrets(target.options) });
  const wait = (tell: (why: string) => void) =>
    context.host.locks.acquire(lockName(commands.control.engine, plan.vm), {
      signal: context.signal,
      onWait: (holder) => tell(`the VM ${name} is in use by ${holder}`),
    });
  const unlock = await (context.queue
    ? context.queue(wait)
    : wait((why) => context.host.log(`${target.name}: ${why}`)));
  return plan.cloned
    ? openClone(commands, plan, of, context, unlock)
    : openInPlace(commands, plan, of, context, unlock);
}

async function openClone(
  commands: Commands,
  plan: Plan,
  of: VmContext,
  context: OpenContext,
  unlock: Unlock,
): Promise<VmMachine> {
  const { control } = commands;
  const { lease } = context;
  const name = `vmtest-${lease.record.id}`;
  const remove = () =>
    commands.atLast(UNDO_MS, `removing the clone ${name}`, (signal) => removeClone(signal));
  const removeClone = async (signal: AbortSignal) =>
    control.remove?.(name, { ...of, signal }, factsOf(lease.record)?.places ?? []);
  const note = (places: readonly string[]) => lease.note({ places });
  try {
    await lease.note({ clone: name });
    const folder = join(lease.record.folder, 'clone');
    await mkdir(folder, { recursive: true });
    const request = { snapshot: plan.snapshot, name, folder, note };
    const vm = await commands.run(of.signal, async () => control.clone?.(plan.vm, request, of));
    if (!vm) throw new VmtestError('INTERNAL', `${control.engine} has no linked clones`);
    const arranged = await arrange(commands, { vm, cloned: true }, of, context);
    const letGo = async () => {};
    return new VmMachine({ ...shared(commands, plan, of, context), vm, name, arranged, end: remove, letGo });
  } catch (error) {
    return await undoAndThrow(error, remove);
  } finally {
    // The snapshot is read by every clone; only the making of one must not meet another.
    await unlock();
  }
}

async function openInPlace(
  commands: Commands,
  plan: Plan,
  of: VmContext,
  context: OpenContext,
  unlock: Unlock,
): Promise<VmMachine> {
  const { vm } = plan;
  let end = unlock;
  try {
    const use = await useOf(commands, vm, of);
    if (use?.state === 'running' && !use.left) {
      end = async () => {
        try {
          await startAgain(commands, plan, of, context.lease);
        } finally {
          await unlock();
        }
      };
    }
    await makeFree(commands, vm, use, of, context.lease);
    const arranged = await restoreInPlace(commands, plan, of, context);
    const name = `${vm.name} (vmtest-${context.lease.record.id})`;
    return new VmMachine({ ...shared(commands, plan, of, context), vm, name, arranged, end, letGo: unlock });
  } catch (error) {
    return await undoAndThrow(error, end);
  }
}

function shared(commands: Commands, plan: Plan, of: VmContext, { lease, logs }: OpenContext) {
  return { commands, plan, context: of, lease, logs };
}

/** What was half restored is left off: a live snapshot waits paused, or saved, and would look as if a person had it. */
async function restoreInPlace(
  commands: Commands,
  { vm, snapshot }: Plan,
  of: VmContext,
  context: OpenContext,
): Promise<Arranged> {
  const { control } = commands;
  const powerOff = async (signal: AbortSignal) => {
    await context.lease.note(ENDING).catch(() => {});
    await control.powerOff(vm, { ...of, signal });
  };
  await context.lease.note({ restored: true, starting: null, ...(snapshot.live ? { live: true } : {}) });
  try {
    await commands.run(of.signal, () => control.restore(vm, snapshot, of));
    return await arrange(commands, { vm, cloned: false }, of, context);
  } catch (error) {
    return await undoAndThrow(error, () => commands.atLast(UNDO_MS, `powering ${vm.name} off`, powerOff));
  }
}

/** What a person ran. It still does when it could not be powered off. */
async function startAgain(
  commands: Commands,
  { vm, snapshot }: Plan,
  of: VmContext,
  lease: Lease,
): Promise<void> {
  const { control } = commands;
  const last = <T>(verb: (of: VmContext) => Promise<T>) =>
    commands.atLast(UNDO_MS, `starting ${vm.name} again`, (signal) => verb({ ...of, signal }));
  if ((await last((context) => control.state(vm, context))) === 'running') return;
  await lease.note(ENDING).catch(() => {});
  await last((context) => control.restore(vm, snapshot, context));
  await last((context) => control.start(vm, context));
}

async function arrange(
  commands: Commands,
  { vm, cloned }: { vm: VmRef; cloned: boolean },
  of: VmContext,
  context: OpenContext,
): Promise<Arranged> {
  const { control } = commands;
  const plan = {
    ...(cloned ? { consoleLog: join(context.logs, 'console.log') } : {}),
    folder: context.lease.record.folder,
  };
  await mkdir(context.logs, { recursive: true });
  const arranged = await commands.run(of.signal, async () => control.arrange?.(vm, plan, of));
  return arranged ?? { consoleLog: false };
}
