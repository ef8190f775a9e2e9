/** The restore of a cell: from a clean state to a machine of its own. */
import { join } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { OpenContext } from '../driver.ts';
import { launch } from './launch.ts';
import type { V86Machine } from './machine.ts';
import type { Plan } from './plan.ts';
import { coldKey, stateKey } from './state-key.ts';
import { findState, STATE_FILES, touchState } from './states.ts';

export async function openMachine(plan: Plan, context: OpenContext): Promise<V86Machine> {
  const consoleLog = join(context.logs, STATE_FILES.console);
  if (!plan.live) {
    const clean = { identity: `v86:${await coldKey(plan)}`, facts: {} };
    return launch({ plan, consoleLog, clean }, context);
  }
  const { cache } = context.host.paths;
  const state = await findState(cache, await stateKey(plan, cache, context.signal));
  if (!state) throw notPrepared(plan);
  void touchState(state);
  const { key, build, facts } = state.record;
  const clean = { identity: `v86:${key}:${build}`, facts };
  return launch({ plan, consoleLog, clean, state: state.folder }, context);
}

/** Between prepare and open a file was changed, or somebody removed the state. */
function notPrepared({ target }: Plan): VmtestError {
  return new VmtestError('V86_STATE_MISSING', `the clean state of ${target.name} is not there (any more)`, {
    hint: 'It was removed, or a file of the target was changed, while the run went on. Start the run again.',
  });
}
