/** Everything that is known about a target's machines before one starts; and all that is wrong, at once. */
import { access, constants, stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { BaseTarget } from '../../matrix/model.ts';
import type { DriverContext, TargetProblem } from '../driver.ts';
import { problemError } from '../problem.ts';
import { type BiosFiles, findBios } from './bios.ts';
import { fitsSocketPath } from './machine-files.ts';
import { initrdProblems, optionProblems } from './option-problems.ts';
import { emulatorVersion } from './package.ts';
import { readSettings, type Settings } from './settings.ts';

export interface Plan {
  target: BaseTarget;
  settings: Settings;
  bios: BiosFiles;
  /** Of the emulator: a saved state fits only the version that made it. */
  version: string;
  /** False for `snapshot: none`: a cold boot in each cell. */
  live: boolean;
}

/** A plan when there is no problem, else problems only. */
export type Planned = { problems: TargetProblem[]; plan?: never } | { problems: []; plan: Plan };

export async function makePlan(target: BaseTarget, { host }: DriverContext): Promise<Planned> {
  const settings = readSettings(target);
  const [version, bios, files] = await Promise.all([
    emulatorVersion(),
    findBios(settings),
    fileProblems(settings),
  ]);
  const problems = [
    ...optionProblems(settings, target, totalmem()),
    ...socketProblems(host.paths.state),
    ...files,
    ...(version === undefined ? [packageMissing] : []),
    ...('problems' in bios ? bios.problems : []),
  ];
  if (problems.length > 0 || version === undefined || 'problems' in bios) return { problems };
  const live = target.snapshot !== 'none';
  return { problems: [], plan: { target, settings, bios: bios.value, version, live } };
}

/** @throws VmtestError the first problem, for callers behind a `check` that found none. */
export async function planOrThrow(target: BaseTarget, context: DriverContext): Promise<Plan> {
  const { problems, plan } = await makePlan(target, context);
  if (plan) return plan;
  const problem = problems[0] ?? { code: 'V86_CANNOT_RUN', message: 'it cannot run here' };
  throw problemError({ ...problem, message: `${target.name}: ${problem.message}` });
}

const packageMissing: TargetProblem = {
  code: 'V86_PACKAGE_MISSING',
  message: 'the npm package v86 is not installed',
  hint: 'vmtest brings it along; install it anew: npm install vmtest',
};

async function fileProblems(settings: Settings): Promise<TargetProblem[]> {
  const { kernel, initrd, image, cdrom, floppy } = settings;
  const files = Object.entries({ kernel, initrd, image, cdrom, floppy });
  const problems = await Promise.all(
    files.map(([key, path]) => (path === undefined ? undefined : unreadable(key, path))),
  );
  const size = initrd === undefined ? undefined : await stat(initrd).catch(() => undefined);
  return [
    ...problems.filter((problem) => problem !== undefined),
    ...(size === undefined ? [] : initrdProblems(settings, size.size)),
  ];
}

async function unreadable(key: string, path: string): Promise<TargetProblem | undefined> {
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      const hint = `Give yourself the right to: chmod u+r ${path}`;
      return {
        code: 'V86_FILE_DENIED',
        message: `\`${key}\`: there is no permission to read ${path}`,
        hint,
      };
    }
    const hint = 'Relative paths are relative to the folder of the matrix file.';
    return { code: 'V86_FILE_MISSING', message: `\`${key}\`: there is no file ${path}`, hint };
  }
  if ((await stat(path)).isFile()) return undefined;
  const hint = 'Name a file; copy a device into one with: dd if=DEVICE of=FILE';
  return { code: 'V86_NOT_A_FILE', message: `\`${key}\`: ${path} is not a regular file`, hint };
}

/** The longest path of a socket that a machine will have, with an id of eight characters. */
function socketProblems(state: string): TargetProblem[] {
  if (fitsSocketPath(join(state, 'machines', 'abcdefgh', 'console.sock'))) return [];
  return [
    {
      code: 'V86_PATH_TOO_LONG',
      message: `the folder for vmtest's state has too long a path for the sockets in it: ${state}`,
      hint: 'Choose a shorter one with XDG_STATE_HOME.',
    },
  ];
}
