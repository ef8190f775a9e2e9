/**
 * The file that runs one user command in a POSIX guest. It is an `sh` script which, step by step, becomes the command:
 * every step is an `exec`, so the process that was started is in the end the user's own interpreter, and its exit code
 * or signal needs no translation. The user's script stands at the end of the file and is copied out of it byte by byte.
 */
import type { GuestCommand } from '../channel.ts';
import { environmentWords } from './environment.ts';
import { GO_HOME } from './go-home.ts';
import { type Interpreter, posixInterpreter } from './interpreters.ts';
import { quoteFolder, quotePosix } from './quote.ts';

/** Where one command keeps its files in the guest: a path without odd characters, to which endings are added. */
export interface CommandFiles {
  /** The command file itself. */
  file: string;
  /** Id of the process, which leads its own process group. */
  pid: string;
  /** The user's script, before its extension. */
  script: string;
}

export function commandFiles(base: string): CommandFiles {
  return { file: `${base}.command`, pid: `${base}.pid`, script: `${base}.script` };
}

/** Steps before the user's command that can fail. They are told from the command's own failures by a secret word. */
export type FailedStep = 'cwd' | 'script' | 'shell';

/** The exit code of a failed step; it counts only together with `failedStep`. */
export const STEP_EXIT_CODE = 125;

export function composeCommandFile(command: GuestCommand, files: CommandFiles, secret: string): string {
  const interpreter = posixInterpreter(command.shell);
  const script = `${files.script}${interpreter.extension}`;
  const cwd = quoteFolder(command.cwd);
  const steps = [
    `echo $$ >${files.pid}`,
    `fail() { printf '%s\\n' "$2" "${secret}:$1" >&2; exit ${STEP_EXIT_CODE}; }`,
    GO_HOME,
    `m=$( { mkdir -p ${cwd} && cd ${cwd}; } 2>&1 ) || fail cwd "$m"`,
    `cd ${cwd}`,
    `m=$(tail -n +@BODY@ ${files.file} 2>&1 >${script}) || fail script "$m"`,
    ...(interpreter.executable ? [`chmod u+x ${script}`] : []),
    findProgram(interpreter, command.env['PATH']),
    'exec </dev/null',
    `exec env ${[...environmentWords(command.env), '"$p"', interpreter.args(script)].join(' ')}`,
  ].join('\n');
  // The script starts on the line after these.
  const body = steps.split('\n').length + 1;
  return `${steps.replace('@BODY@', String(body))}\n${interpreter.wrap(command.script)}`;
}

/** Which step before the user's command failed, if one did; `reason` is what the guest said about it. */
export function failedStep(stderr: string, secret: string): { step: FailedStep; reason: string } | undefined {
  const marker = stderr.lastIndexOf(`${secret}:`);
  if (marker === -1) return undefined;
  const step = stderr.slice(marker + secret.length + 1).trim();
  if (step !== 'cwd' && step !== 'script' && step !== 'shell') return undefined;
  return { step, reason: stderr.slice(0, marker).trim() };
}

/** Looked up in the PATH that the command will have; without this a missing interpreter would pass for a failed test. */
function findProgram(interpreter: Interpreter, path: string | undefined): string {
  const withPath = path === undefined ? '' : `PATH=${quotePosix(path)}; `;
  const first = interpreter.programs
    .map((program) => `command -v ${program} >/dev/null 2>&1 && echo ${program}`)
    .join(' || ');
  return `p=$(${withPath}${first}) || fail shell ''`;
}
