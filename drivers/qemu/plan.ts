/** Everything that is known about a target's machines before one starts; and all that is wrong, at once. */
import { totalmem } from 'node:os';
import type { BaseTarget } from '../../matrix/model.ts';
import type { DriverContext, TargetProblem } from '../driver.ts';
import { problemError } from '../problem.ts';
import { type Accel, defaultCpu } from './accel.ts';
import { type CleanState, chooseCleanState } from './clean-state.ts';
import type { Firmware, MachineSpec } from './command-line.ts';
import {
  fileProblems,
  findAccel,
  findFirmwareFiles,
  findImage,
  findQemu,
  socketProblems,
} from './host-side.ts';
import type { ImageInfo } from './image.ts';
import { optionProblems, whyNotLive } from './option-problems.ts';
import type { Programs } from './programs.ts';
import { readSettings, type Settings } from './settings.ts';

export interface Plan {
  target: BaseTarget;
  settings: Settings;
  programs: Programs;
  /** Why this acceleration, for people. */
  accelWhy: string;
  spec: MachineSpec;
  image?: ImageInfo;
  clean: CleanState;
}

/** A plan when there is no problem, else problems only. */
export type Planned = { problems: TargetProblem[]; plan?: never } | { problems: []; plan: Plan };

/**
 * `look: 'again'` opens the images anew, which also finds out whether somebody writes to them; `'once'` believes what
 * was seen of an unchanged file before.
 */
export async function makePlan(
  target: BaseTarget,
  context: DriverContext,
  look: 'again' | 'once',
): Promise<Planned> {
  const { host } = context;
  const settings = readSettings(target, host.paths.cache);
  const problems = [
    ...optionProblems(settings, target, totalmem()),
    ...socketProblems(host.paths.state),
    ...(await fileProblems(settings)),
  ];
  const found = await findQemu(settings, context);
  if ('problem' in found) return { problems: [...problems, found.problem] };
  const programs = found.value;
  const [accel, firmware, image] = await Promise.all([
    findAccel(settings, programs, context),
    findFirmwareFiles(settings, programs),
    findImage(settings, programs, look, context),
  ]);
  const info = 'value' in image ? image.value : undefined;
  const clean = chooseCleanState(target.snapshot, info, whyNotLive(settings));
  for (const each of [accel, firmware, image, clean]) if ('problem' in each) problems.push(each.problem);
  if (problems.length > 0 || !('value' in accel) || !('value' in firmware) || !('value' in clean)) {
    return { problems: unique(problems) };
  }
  const spec = specOf(target, settings, accel.value.accel, firmware.value);
  return {
    problems: [],
    plan: {
      ...{ target, settings, programs, accelWhy: accel.value.why, spec, clean: clean.value },
      ...(info === undefined ? {} : { image: info }),
    },
  };
}

/** @throws VmtestError the first problem, for callers behind a `check` that found none. */
export async function planOrThrow(target: BaseTarget, context: DriverContext): Promise<Plan> {
  const { problems, plan } = await makePlan(target, context, 'once');
  if (plan) return plan;
  const problem = problems[0] ?? { code: 'QEMU_CANNOT_RUN', message: 'it cannot run here' };
  throw problemError({ ...problem, message: `${target.name}: ${problem.message}` });
}

function specOf(target: BaseTarget, settings: Settings, accel: Accel, firmware: Firmware): MachineSpec {
  const { arch, machine, cpus, memory, network, netDevice, vga, agent, args } = settings;
  const { kernel, initrd, append, image, diskBus } = settings;
  const windows = target.os === 'windows';
  return {
    ...{ arch, machine, cpus, memory, network, netDevice, vga, agent, args, firmware, accel },
    cpu: settings.cpu ?? defaultCpu(arch, accel, windows),
    windows,
    ...(kernel === undefined ? {} : { kernel }),
    ...(initrd === undefined ? {} : { initrd }),
    ...(append === undefined ? {} : { append }),
    ...(image === undefined ? {} : { diskBus }),
  };
}

/** One cause may be seen by two lookers. */
function unique(problems: readonly TargetProblem[]): TargetProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}
