/** The embedded engine: v86, a PC in WebAssembly, in a process of its own for each cell. */
import type { BaseTarget } from '../../matrix/model.ts';
import { isQuickToKey } from '../../src/host/content-key.ts';
import type { Check, Driver, DriverContext, OpenContext, PrepareContext, Probe } from '../driver.ts';
import { unusable } from '../unusable.ts';
import { findBios, installSeabios } from './bios.ts';
import { ensureState } from './build-state.ts';
import { demandOf, SLOWDOWN } from './demand.ts';
import { openMachine } from './open-machine.ts';
import { offeredAccess } from './option-problems.ts';
import { emulatorVersion } from './package.ts';
import { makePlan, type Plan, planOrThrow } from './plan.ts';
import { contentFiles, stateKey } from './state-key.ts';
import { findState } from './states.ts';
import { sweepLease } from './sweep.ts';

export const v86Driver: Driver = {
  engine: 'v86',
  capabilities: {
    liveSnapshot: true,
    linkedClone: true,
    parallel: true,
    agent: false,
    console: true,
    screenshot: true,
    portForward: true,
  },
  probe: probeV86,
  check: checkTarget,
  prepare: prepareTarget,
  open: async (target: BaseTarget, context: OpenContext) =>
    openMachine(await planOrThrow(target, context), context),
  sweep: sweepLease,
};

async function probeV86(): Promise<Probe> {
  const [version, found] = await Promise.all([emulatorVersion(), findBios({})]);
  if (version === undefined) {
    const fixes = ['npm install vmtest'];
    return { available: false, findings: ['the npm package v86 is not installed'], fixes };
  }
  const common = { available: true, version, acceleration: 'software emulation' };
  if ('value' in found) {
    const { bios, vgaBios } = found.value;
    return { ...common, findings: [`v86 ${version}, BIOS ${bios} and ${vgaBios}`], fixes: [] };
  }
  // Targets that bring a BIOS of their own can run.
  const findings = [`v86 ${version}`, ...found.problems.map(({ message }) => message)];
  return { ...common, findings, fixes: [installSeabios()] };
}

/** Reads no large file: that is for `prepare`, which has the time and can say so. */
async function checkTarget(target: BaseTarget, context: DriverContext): Promise<Check> {
  const { problems, plan } = await makePlan(target, context);
  if (!plan) return unusable(problems);
  const ready = (await largeUnread(plan, context)).length === 0 && (await isMade(plan, context));
  return {
    problems: [],
    demand: demandOf(plan.settings),
    exclusive: null,
    cleanState: plan.live
      ? `saved state "${target.snapshot}"${ready ? '' : ', made on first use'}`
      : 'cold boot (snapshot: none)',
    needsPrepare: !ready,
    access: offeredAccess(plan.settings),
    slowdown: SLOWDOWN,
    notes: ['software emulation in WebAssembly'],
  };
}

async function prepareTarget(target: BaseTarget, context: PrepareContext): Promise<void> {
  const plan = await planOrThrow(target, context);
  if (!plan.live) return;
  for (const path of await largeUnread(plan, context)) context.progress(`reading ${path} for the first time`);
  await ensureState(plan, context);
}

/** Files whose content must be known, and whose reading takes a while. */
async function largeUnread(plan: Plan, { host }: DriverContext): Promise<string[]> {
  const files = plan.live ? contentFiles(plan).map(([, path]) => path) : [];
  const quick = await Promise.all(files.map((path) => isQuickToKey(path, host.paths.cache)));
  return files.filter((_path, index) => !quick[index]);
}

async function isMade(plan: Plan, { host, signal }: DriverContext): Promise<boolean> {
  if (!plan.live) return true;
  const { cache } = host.paths;
  return (await findState(cache, await stateKey(plan, cache, signal))) !== undefined;
}
