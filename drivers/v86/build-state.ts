/** Makes a clean state: once, by one process at a time, and out of sight until it is whole. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { CleanFacts, PrepareContext } from '../driver.ts';
import { launch } from './launch.ts';
import type { V86Machine } from './machine.ts';
import type { Plan } from './plan.ts';
import { stateKey } from './state-key.ts';
import { buildFolder, findState, STATE_FILES, type StateRecord, stateFolder } from './states.ts';

/** Makes the plan's clean state unless it is there. Waits while another process makes the same one. */
export async function ensureState(plan: Plan, context: PrepareContext): Promise<void> {
  const { host, lease, signal, progress } = context;
  const { cache } = host.paths;
  const key = await stateKey(plan, cache, signal);
  if (await findState(cache, key)) return;
  const unlock = await host.locks.acquire(`v86-state-${key}`, {
    signal,
    onWait: (holder) => progress(`waiting for ${holder}, which is making the same clean state`),
  });
  try {
    if (await findState(cache, key)) return;
    const folder = buildFolder(cache, lease.record.id);
    await lease.note({ building: folder });
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await build(plan, key, folder, context);
      await publish(folder, stateFolder(cache, key));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await unlock();
  }
}

async function build(plan: Plan, key: string, folder: string, context: PrepareContext): Promise<void> {
  const started = performance.now();
  const facts = await saveRunning(plan, folder, context);
  const record: StateRecord = {
    key,
    build: randomBytes(8).toString('hex'),
    created: new Date().toISOString(),
    took: Math.round(performance.now() - started),
    target: plan.target.name,
    snapshot: plan.target.snapshot,
    version: plan.version,
    facts,
  };
  await writeFile(join(folder, STATE_FILES.record), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

async function saveRunning(plan: Plan, folder: string, context: PrepareContext): Promise<CleanFacts> {
  const { signal, progress } = context;
  const consoleLog = join(folder, STATE_FILES.console);
  progress('booting the guest');
  const machine = await launch({ plan, consoleLog, clean: { identity: '', facts: {} } }, context);
  try {
    await machine.start(signal);
    const facts = await settled(machine, context);
    progress('saving the running guest');
    await machine.save(
      { state: join(folder, STATE_FILES.machine), disk: join(folder, STATE_FILES.disk) },
      signal,
    );
    return facts;
  } catch (error) {
    throw await withConsole(error, consoleLog);
  } finally {
    await machine.release();
  }
}

/** Nobody waits for a guest that is gone. */
async function settled(machine: V86Machine, { settle }: PrepareContext): Promise<CleanFacts> {
  const death = machine.died.then((why) => {
    throw new VmtestError('GUEST_DIED', `making the clean state failed: ${why}`, { retryable: true });
  });
  return Promise.race([settle(machine), death]);
}

const TAIL = 4 * 1024;

/** What the guest said last tells more than that it does not answer. */
async function withConsole(error: unknown, log: string): Promise<unknown> {
  const text = await readFile(log).catch(() => Buffer.alloc(0));
  const tail = text
    .subarray(-TAIL)
    .toString('utf8')
    .replace(/[^\P{C}\n\t]/gu, '');
  if (!(error instanceof VmtestError) || tail === '') return error;
  const { code, message, hint, retryable, details } = error;
  return new VmtestError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    retryable,
    details: `${details === undefined ? '' : `${details}\n\n`}The guest's console, last lines:\n${tail}`,
    cause: error,
  });
}

/** On the disk before it can be found: after a power failure there is either all of it or nothing. */
async function publish(folder: string, final: string): Promise<void> {
  for (const name of await readdir(folder)) await sync(join(folder, name));
  await rm(final, { recursive: true, force: true });
  await rename(folder, final);
  // Windows opens no folders, and has no need to.
  if (process.platform !== 'win32') await sync(dirname(final));
}

async function sync(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
