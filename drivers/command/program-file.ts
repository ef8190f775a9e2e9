/** The files of programs: whether they are there and may be run, before they are needed and after they failed to start. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { TargetProblem } from '../driver.ts';
import { problemError } from '../problem.ts';

/** Undefined for a program that can be started, for all that can be seen. */
export async function programProblem(file: string, folder: string): Promise<TargetProblem | undefined> {
  if (!(await isFolder(folder))) {
    return {
      code: 'COMMAND_FOLDER_MISSING',
      message: `the folder ${folder} does not exist`,
      hint: 'Look at the key `folder` of the target.',
    };
  }
  // Windows looks up names in ways of its own.
  if (process.platform === 'win32') return undefined;
  const places = isName(file)
    ? (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, file))
    : [isAbsolute(file) ? file : resolve(folder, file)];
  const found = await Promise.all(places.map(lookAt));
  if (found.includes('program')) return undefined;
  const [place] = places;
  if (isName(file) || found[0] === 'nothing') {
    return {
      code: 'COMMAND_PROGRAM_MISSING',
      message: isName(file) ? `the program ${file} is not in PATH` : `the program ${place} does not exist`,
      hint: isName(file)
        ? 'Install it; or, if it is a file of yours, write `./` before its name.'
        : 'Relative paths begin at the folder of the matrix file, or at the key `folder`.',
    };
  }
  return {
    code: 'COMMAND_NOT_EXECUTABLE',
    message: `${place} is no program that may be run`,
    hint: `Make it one: chmod +x ${place}`,
  };
}

/** The error of a start, with what is wrong with the file. A file that is there was found: its interpreter was not. */
export async function programError(error: unknown, file: string, folder: string): Promise<unknown> {
  const failed = error instanceof VmtestError && /^COMMAND_NOT_(FOUND|STARTED)$/.test(error.code);
  if (!failed) return error;
  const problem = await programProblem(file, folder);
  if (problem) return problemError(problem, error);
  if (error.code !== 'COMMAND_NOT_FOUND') return error;
  return new VmtestError('COMMAND_NO_INTERPRETER', `what runs ${file} is not installed`, {
    hint: 'Its first line, behind `#!`, names the program that runs it. Line ends have to be those of Unix.',
    cause: error,
  });
}

function isName(file: string): boolean {
  return !/[\\/]/.test(file);
}

async function lookAt(path: string): Promise<'program' | 'nothing' | 'other'> {
  try {
    if (!(await stat(path)).isFile()) return 'other';
  } catch {
    return 'nothing';
  }
  return access(path, constants.X_OK).then(
    () => 'program',
    () => 'other',
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
