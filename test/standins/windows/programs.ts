/** The programs that there are, and how one is started: with one text for all its arguments. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, win32 } from 'node:path';
import { splitArguments } from './command-line.ts';
import { drive, PATH_VARIABLE, PROGRAMS_VARIABLE } from './environment.ts';
import { SYSTEM, toHost } from './paths.ts';

const NODE = 'C:\\Program Files\\nodejs\\node.exe';
const THERE = [
  `${SYSTEM}\\cmd.exe`,
  `${SYSTEM}\\taskkill.exe`,
  `${SYSTEM}\\WindowsPowerShell\\v1.0\\powershell.exe`,
  NODE,
];

const DEFAULT_PATH = [SYSTEM, `${SYSTEM}\\WindowsPowerShell\\v1.0`, 'C:\\Program Files\\nodejs'].join(';');

/** Full path of a program, looked for in `Path`; undefined when there is none. */
export function findProgram(name: string): string | undefined {
  const wanted = win32.isAbsolute(name)
    ? [name]
    : (process.env[PATH_VARIABLE] ?? DEFAULT_PATH).split(';').map((folder) => win32.join(folder, name));
  return wanted.flatMap((path) => THERE.filter((each) => each.toLowerCase() === path.toLowerCase()))[0];
}

export interface Start {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  stdio: StdioOptions;
}

/** CreateProcess. Undefined when there is no such program. */
export function createProcess(
  file: string,
  line: string,
  { cwd, env, stdio }: Start,
): ChildProcess | undefined {
  const program = findProgram(file);
  if (program === undefined) return undefined;
  const argv =
    program === NODE
      ? splitArguments(line).map((word) => (/^c:\\/i.test(word) ? toHost(word) : word))
      : [process.env[PROGRAMS_VARIABLE] ?? '', win32.basename(program), line];
  return spawn(process.execPath, argv, { stdio, cwd: cwd ?? process.cwd(), env: env ?? process.env });
}

/** Exit codes have 32 bits there, and 8 here: a program of ours leaves its own in a file. */
export function leaveExitCode(code: number): void {
  writeFileSync(exitFile(process.pid), String(code));
}

/** As .NET has it, with a sign. What was ended by force has 1. */
export function exitCodeOf(pid: number, code: number | null): number {
  try {
    const left = Number(readFileSync(exitFile(pid), 'utf8'));
    rmSync(exitFile(pid));
    return left | 0;
  } catch {
    return code ?? 1;
  }
}

function exitFile(pid: number): string {
  return join(drive(), `exit-${pid}`);
}
