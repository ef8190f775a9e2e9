/** Makes a clean state. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withConsole } from '../../src/guest/console-tail.ts';
import { buildOnce } from '../../src/host/build-once.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { CleanFacts, PrepareContext } from '../driver.ts';
import { launch } from './launch.ts';
import type { V86Machine } from './machine.ts';
import type { Plan } from './plan.ts';
import { stateKey } from './state-key.ts';
import { findState, STATE_FILES, type StateRecord, stateFolder } from './states.ts';

/** Makes the plan's clean state unless it is there. Waits while another process makes the same one. */
export async function ensureState(plan: Plan, context: PrepareContext): Promise<void> {
  const { cache } = context.host.paths;
  const key = await stateKey(plan, cache, context.signal);
  const state = {
    folder: stateFolder(cache, key),
    lock: `v86-state-${key}`,
    what: 'clean state',
    isThere: async () => (await findState(cache, key)) !== undefined,
    build: (partial: string) => build(plan, key, partial, context),
  };
  await buildOnce(state, context);
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
