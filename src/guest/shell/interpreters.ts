/**
 * How the words under `shell:` run a script file, with the semantics of GitHub Actions' `jobs.<id>.steps[*].shell`:
 * `sh` and `bash` stop at the first failing command, PowerShell stops at the first error, `python` is plain, and a
 * template is a command line whose `{0}` is the file.
 */
import { VmtestError } from '../../host/errors.ts';
import { quotePowerShell } from './powershell.ts';
import { quotePosix } from './quote.ts';

export interface Interpreter {
  /** The program that must be there, for an error that names it; the first of them that is there runs the script. */
  programs: readonly string[];
  /** Ending of the script's file name: PowerShell insists on its own. */
  extension: string;
  /** The rest of the command line, as shell words; `file` needs no quoting. */
  args(file: string): string;
  /** The script as it is put into the file. */
  wrap(script: string): string;
  /** The file is made executable, since a template may start it directly. */
  executable: boolean;
}

const plain = { extension: '', wrap: (script: string) => script, executable: false };

const POSIX_GUEST: Record<string, Interpreter> = {
  sh: { ...plain, programs: ['sh'], args: (file) => `-e ${file}` },
  bash: { ...plain, programs: ['bash'], args: (file) => `--noprofile --norc -eo pipefail ${file}` },
  python: { ...plain, programs: ['python', 'python3'], extension: '.py', args: (file) => file },
  pwsh: {
    ...plain,
    programs: ['pwsh'],
    extension: '.ps1',
    args: (file) => `-command ${quotePosix(`. ${quotePowerShell(file)}`)}`,
    wrap: (script) =>
      `$ErrorActionPreference = 'stop'\n${script}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n`,
  },
};

/** @throws VmtestError `GUEST_SHELL_UNSUPPORTED` */
export function posixInterpreter(shell: string): Interpreter {
  const known = Object.hasOwn(POSIX_GUEST, shell) ? POSIX_GUEST[shell] : undefined;
  if (known) return known;
  if (shell.includes('{0}')) return template(shell);
  const windowsOnly = shell === 'cmd' || shell === 'powershell';
  throw new VmtestError('GUEST_SHELL_UNSUPPORTED', `this guest cannot run \`shell: ${shell}\``, {
    hint: windowsOnly
      ? 'It exists on Windows only. `pwsh` runs on other systems too, where it is installed.'
      : `Use ${Object.keys(POSIX_GUEST).join(', ')}, or a template such as \`perl {0}\`.`,
  });
}

/** A template is a command line for `sh`, so that its quotes, variables and `sudo -E` mean what they look like. */
function template(shell: string): Interpreter {
  return {
    ...plain,
    programs: ['sh'],
    args: (file) => `-c ${quotePosix(shell.replaceAll('{0}', file))}`,
    executable: true,
  };
}
