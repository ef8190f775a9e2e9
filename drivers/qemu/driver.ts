/** QEMU, started directly: every cell is a process of its own on a private copy of a clean state. */
import type { BaseTarget } from '../../matrix/model.ts';
import { contentKey, isQuickToKey } from '../../src/host/content-key.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { Check, Driver, DriverContext, OpenContext, PrepareContext, TargetProblem } from '../driver.ts';
import { unusable } from '../unusable.ts';
import { ensureTemplate } from './build-template.ts';
import { describeCleanState } from './clean-state.ts';
import { demandOf, slowdownOf } from './demand.ts';
import { openMachine } from './open-machine.ts';
import { offeredAccess } from './option-problems.ts';
import { makePlan, type Plan, planOrThrow } from './plan.ts';
import { probeQemu } from './probe.ts';
import { contentFiles, stateKey } from './state-key.ts';
import { sweepLease } from './sweep.ts';
import { findTemplate } from './template.ts';

export const qemuDriver: Driver = {
  engine: 'qemu',
  capabilities: {
    liveSnapshot: true,
    linkedClone: true,
    parallel: true,
    agent: true,
    console: true,
    screenshot: true,
    portForward: true,
  },
  probe: probeQemu,
  check: checkTarget,
  prepare: prepareTarget,
  open: async (target: BaseTarget, context: OpenContext) =>
    openMachine(await planOrThrow(target, context), context),
  sweep: sweepLease,
};

/** Reads no large file: that is for `prepare`, which has the time and can say so. */
async function checkTarget(target: BaseTarget, context: DriverContext): Promise<Check> {
  const { problems, plan } = await makePlan(target, context, 'again');
  if (!plan) return unusable(problems);
  const unread = await largeUnread(plan, context);
  const wrong = unread.length === 0 ? await checksumProblem(plan, context) : undefined;
  if (wrong) return unusable([wrong]);
  const ready = unread.length === 0 && (await isMade(plan, context));
  return {
    problems: [],
    demand: demandOf(plan.spec),
    exclusive: null,
    cleanState: describeCleanState(plan.clean, target.snapshot, ready),
    needsPrepare: !ready,
    access: offeredAccess(plan.settings),
    slowdown: slowdownOf(plan.spec.accel),
    notes: [plan.accelWhy],
  };
}

async function prepareTarget(target: BaseTarget, context: PrepareContext): Promise<void> {
  const plan = await planOrThrow(target, context);
  for (const path of await largeUnread(plan, context)) context.progress(`reading ${path} for the first time`);
  const wrong = await checksumProblem(plan, context);
  if (wrong)
    throw new VmtestError(wrong.code, wrong.message, wrong.hint === undefined ? {} : { hint: wrong.hint });
  if (plan.clean.kind !== 'cold') await ensureTemplate(plan, context);
}

/** Files whose content must be known, and whose reading takes a while. */
async function largeUnread(plan: Plan, { host }: DriverContext): Promise<string[]> {
  const { image } = plan.settings;
  const checked = image?.sha256 === undefined ? [] : [image.path];
  const files = plan.clean.kind === 'cold' ? checked : contentFiles(plan);
  const quick = await Promise.all(files.map((path) => isQuickToKey(path, host.paths.cache)));
  return files.filter((_path, index) => !quick[index]);
}

async function isMade(plan: Plan, { host, signal }: DriverContext): Promise<boolean> {
  if (plan.clean.kind === 'cold') return true;
  const { cache } = host.paths;
  return (await findTemplate(cache, await stateKey(plan, cache, signal))) !== undefined;
}

async function checksumProblem(
  { settings: { image } }: Plan,
  { host, signal }: DriverContext,
): Promise<TargetProblem | undefined> {
  if (image?.sha256 === undefined) return undefined;
  const found = await contentKey(image.path, host.paths.cache, signal);
  if (found === image.sha256) return undefined;
  return {
    code: 'IMAGE_CHECKSUM',
    message: `the image ${image.path} is not the one that \`sha256\` names: its SHA-256 is ${found}`,
    hint: 'Fetch the image again, or correct `sha256`.',
  };
}
