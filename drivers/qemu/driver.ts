/** QEMU, started directly: every cell is a process of its own on a private copy of a clean state. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { Check, Driver, DriverContext, OpenContext, PrepareContext, TargetProblem } from '../driver.ts';
import { ensureTemplate } from './build-template.ts';
import { describeCleanState } from './clean-state.ts';
import { contentKey } from './content-key.ts';
import { demandOf, slowdownOf } from './demand.ts';
import { openMachine } from './open-machine.ts';
import { offeredAccess } from './option-problems.ts';
import { makePlan, type Plan, planOrThrow } from './plan.ts';
import { probeQemu } from './probe.ts';
import { stateKey } from './state-key.ts';
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
  prepare: async (target: BaseTarget, context: PrepareContext) => {
    const plan = await planOrThrow(target, context);
    if (plan.clean.kind !== 'cold') await ensureTemplate(plan, context);
  },
  open: async (target: BaseTarget, context: OpenContext) =>
    openMachine(await planOrThrow(target, context), context),
  sweep: sweepLease,
};

async function checkTarget(target: BaseTarget, context: DriverContext): Promise<Check> {
  const { problems, plan } = await makePlan(target, context, 'again');
  if (!plan) return unusable(problems);
  const { cache } = context.host.paths;
  const wrong = await checksumProblem(plan, context);
  if (wrong) return unusable([wrong]);
  const key = await stateKey(plan, cache, context.signal);
  const ready = plan.clean.kind === 'cold' || (await findTemplate(cache, key)) !== undefined;
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

function unusable(problems: TargetProblem[]): Check {
  return {
    problems,
    demand: { cpus: 0, memory: 0 },
    exclusive: null,
    cleanState: 'none',
    needsPrepare: false,
    access: [],
    slowdown: 1,
    notes: [],
  };
}
