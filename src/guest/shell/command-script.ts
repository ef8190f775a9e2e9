/**
 * The script that runs one user command in a POSIX guest. Step by step it becomes the command: the last step is an
 * `exec`, so the process that was started is in the end the user's own interpreter, and its exit code or signal needs no
 * translation. Steps are builtins where that is possible, for a started program costs milliseconds in an emulated guest.
 */
import type { GuestCommand } from '../channel.ts';
import { shellEnvironment } from './environment.ts';
import { GO_HOME } from './go-home.ts';
import { type Interpreter, posixInterpreter } from './interpreters.ts';
import { keepFolder } from './private-folder.ts';
import { quoteFolder, quotePosix } from './quote.ts';

/** Files of one command in the guest; their paths have no odd characters. */
export interface CommandFiles {
  /** The private folder that they lie in. */
  folder: string;
  /** Id of the process, which leads its own process group. */
  pid: string;
  /** The user's script, before its extension. */
  script: string;
}

/** Steps before the user's command that can fail. They are told from the command's own failures by a secret word. */
export type FailedStep = 'cwd' | 'script' | 'shell';

/** The exit code of a failed step; it counts only together with `failedStep`. */
export const STEP_EXIT_CODE = 125;

export function commandScript(
  command: GuestCommand,
  files: CommandFiles,
  leader: string,
  secret: string,
): string {
  const interpreter = posixInterpreter(command.shell);
  const script = `${files.script}${interpreter.extension}`;
  const cwd = quoteFolder(command.cwd);
  const { exported, words } = shellEnvironment(command.env);
  return `
${keepFolder(files.folder)}
echo $$ >${files.pid}
fail() { printf '%s\\n' "$2" '${secret}:'"$1" >&2; exit ${STEP_EXIT_CODE}; }
${GO_HOME}
if ! cd ${cwd} 2>/dev/null; then
  { mkdir -p ${cwd} && cd ${cwd}; } 2>/dev/null || { m=$({ mkdir -p ${cwd} && cd ${cwd}; } 2>&1); fail cwd "$m"; }
fi
{ printf %s ${quotePosix(interpreter.wrap(command.script))} >${script}; } 2>/dev/null || fail script ''
${interpreter.executable ? `chmod u+x ${script}` : ''}
${findProgram(interpreter, command.env['PATH'])}
${exported.length === 0 ? '' : `export ${exported.join(' ')}`}
exec </dev/null
exec ${leader}${words.length === 0 ? '' : `env ${words.join(' ')} `}"$p" ${interpreter.args(script)}
`;
}

/**
 * Runs a command's script that comes on its stdin: a short script for what cannot be handed over at once. The folder may be
 * gone, and the disk full, by what another command did.
 */
export function fromStdin({ folder, script }: Omit<CommandFiles, 'pid'>, secret: string): string {
  const fail = `{ echo '${secret}:script' >&2; exit ${STEP_EXIT_CODE}; }`;
  return `{ ${keepFolder(folder)}; cat >${script}; } 2>/dev/null || ${fail}; exec sh ${script}`;
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
function findProgram({ programs }: Interpreter, path: string | undefined): string {
  const find = `p=; for c in ${programs.join(' ')}; do if command -v $c >/dev/null 2>&1; then p=$c; break; fi; done`;
  const lookUp = path === undefined ? find : `o=$PATH; PATH=${quotePosix(path)}; ${find}; PATH=$o`;
  return `${lookUp}\nif [ -z "$p" ]; then fail shell ''; fi`;
}
