/**
 * How the words under `shell:` run a script file in a Windows guest, with the semantics of GitHub Actions on Windows runners.
 * A template is a command line for cmd.exe, so that `npm` finds its `npm.cmd`.
 */
import { VmtestError } from '../../host/errors.ts';
import { quotePowerShell } from '../shell/powershell.ts';
import { windowsArguments } from './command-line.ts';

export interface WindowsInterpreter {
  /** The first of them that is there runs the script. `%NAME%` is expanded. */
  programs: readonly string[];
  /** Ending of the script's file name: most programs insist on their own. */
  extension: string;
  /** The rest of the command line, as the program will see it. `file` needs no quotes. */
  args(file: string): string;
  /** The script as it is put into the file. */
  wrap(script: string): string;
}

/** Git's, rather than the one in System32, which starts a Linux. */
const git = (program: string) => [`%ProgramFiles%\\Git\\bin\\${program}.exe`, `${program}.exe`];

const powerShell = (program: string): WindowsInterpreter => ({
  programs: [program],
  extension: '.ps1',
  args: (file) =>
    `-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command ${windowsArguments([`. ${quotePowerShell(file)}`])}`,
  // Without the mark, Windows PowerShell reads the file in the system's old code page.
  wrap: (script) =>
    `\uFEFF$ErrorActionPreference = 'stop'\n${script}\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n`,
});

const WINDOWS_GUEST: Record<string, WindowsInterpreter> = {
  powershell: powerShell('powershell.exe'),
  pwsh: powerShell('pwsh.exe'),
  cmd: {
    programs: ['cmd.exe'],
    extension: '.cmd',
    args: (file) => `/D /E:ON /V:OFF /S /C "CALL "${file}""`,
    // Labels are not found in a file with other line ends.
    wrap: (script) => script.replace(/\r?\n/g, '\r\n'),
  },
  bash: {
    programs: git('bash'),
    extension: '.sh',
    args: (file) => `--noprofile --norc -eo pipefail ${file.replaceAll('\\', '/')}`,
    wrap: (script) => script,
  },
  sh: {
    programs: git('sh'),
    extension: '.sh',
    args: (file) => `-e ${file.replaceAll('\\', '/')}`,
    wrap: (script) => script,
  },
  python: {
    programs: ['python.exe', 'py.exe'],
    extension: '.py',
    args: (file) => file,
    wrap: (script) => script,
  },
};

/** @throws VmtestError `GUEST_SHELL_UNSUPPORTED` */
export function windowsInterpreter(shell: string): WindowsInterpreter {
  const known = Object.hasOwn(WINDOWS_GUEST, shell) ? WINDOWS_GUEST[shell] : undefined;
  if (known) return known;
  if (shell.includes('{0}')) return template(shell);
  throw new VmtestError('GUEST_SHELL_UNSUPPORTED', `a Windows guest cannot run \`shell: ${shell}\``, {
    hint: `Use ${Object.keys(WINDOWS_GUEST).join(', ')}, or a template such as \`node {0}\`.`,
  });
}

function template(shell: string): WindowsInterpreter {
  return {
    programs: ['cmd.exe'],
    extension: '',
    // With /S, cmd takes away the outer quotes and leaves the others alone.
    args: (file) => `/D /E:ON /V:OFF /S /C "${shell.replaceAll('{0}', file)}"`,
    wrap: (script) => script,
  };
}
