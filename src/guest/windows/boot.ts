/**
 * How a script gets to PowerShell in a Windows guest: a small script on the command line takes it from stdin, by bytes, with the
 * script's own input behind it. So there is no limit on scripts (a command line for cmd.exe has 8191 characters), nothing needs
 * quotes, and the line is the same for whichever shell the account has.
 */
import { readFile } from 'node:fs/promises';
import { packageFile } from '../../host/this-package.ts';
import type { Boot } from '../boot.ts';
import type { ExecBoot } from '../exec/boot.ts';

/**
 * Windows PowerShell, which is a part of every Windows. `-OutputFormat` keeps it from putting errors into XML, as it does for an
 * encoded command without a console. It reads stdin for itself only where a script says `$input`.
 */
const POWERSHELL = [
  'powershell.exe',
  '-NoLogo',
  '-NoProfile',
  '-NonInteractive',
  '-ExecutionPolicy',
  'Bypass',
  '-OutputFormat',
  'Text',
  '-EncodedCommand',
];

/** PowerShell takes a script in base64 of UTF-16, little endian, without a mark. */
export function encodedCommand(script: string): string {
  return Buffer.from(script, 'utf16le').toString('base64');
}

/** Words without any character that a shell would see something in. */
export function powerShell(script: string): string[] {
  return [...POWERSHELL, encodedCommand(script)];
}

/** What the boot is to do besides running the script. */
export interface BootOptions {
  /** Printed on stdout before the script runs. */
  begin?: string;
  /** Printed on both outputs when it has ended, with the exit code: `<mark>3;`. */
  end?: string;
  /** A file in the guest that is read instead of stdin; its path needs no quotes. */
  file?: string;
}

export type BootScript = (scriptBytes: number, options: BootOptions) => string;

/** Reads `scripts/boot.ps1` and gives back what fills it in. */
export async function loadBoot(): Promise<BootScript> {
  const text = await readFile(packageFile('src/guest/windows/scripts/boot.ps1'), 'utf8');
  const lean = text.replace(/^\s*(?:#.*)?\n/gm, '');
  return (scriptBytes, { begin = '', end = '', file = '' }) =>
    `$length = ${scriptBytes}; $begin = '${begin}'; $end = '${end}'; $file = '${file}'\n${lean}`;
}

/** For SSH. */
export function windowsBoot(boot: BootScript): Boot {
  return {
    mostInline: Number.POSITIVE_INFINITY,
    command: (script, begin) => powerShell(boot(Buffer.byteLength(script), { begin })).join(' '),
  };
}

/** For engines' exec. */
export function windowsExecBoot(boot: BootScript): ExecBoot {
  return {
    mostInline: Number.POSITIVE_INFINITY,
    wrap: (script) => script,
    command: (script, begin, end) => powerShell(boot(Buffer.byteLength(script), { begin, end })).join(' '),
  };
}
