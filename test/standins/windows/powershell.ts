/**
 * `powershell.exe`: runs what vmtest gives it, on the strict interpreter. Without a console its errors would be XML if nobody had
 * asked for text.
 */
import { readFileSync } from 'node:fs';
import { core } from '../powershell/cmdlets/core.ts';
import { parseScript } from '../powershell/language/parse-statement.ts';
import { provide } from '../powershell/runtime/dotnet.ts';
import { Exit, PsError } from '../powershell/runtime/errors.ts';
import { Interpreter } from '../powershell/runtime/interpreter.ts';
import { Scope } from '../powershell/runtime/scope.ts';
import { guestCmdlets } from './cmdlets.ts';
import { splitArguments } from './command-line.ts';
import { toHost } from './paths.ts';
import { processTypes } from './process-types.ts';
import { createProcess, exitCodeOf } from './programs.ts';
import { guestTypes } from './types.ts';

const FLAGS = /^-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass (?:-OutputFormat Text )?$/;

export async function powershell(line: string): Promise<number> {
  const words = splitArguments(line);
  const [flag, value, ...rest] = words.slice(-2);
  const flags = words
    .slice(0, -2)
    .map((word) => `${word} `)
    .join('');
  if (rest.length > 0 || value === undefined) return unknown(line);
  // As sshd starts it, where it is the account's shell.
  if (flag === '-c' && flags === '') return native(value);
  if (!FLAGS.test(flags)) return unknown(line);
  if (flag === '-EncodedCommand') return run(decode(value));
  const file = flag === '-Command' ? /^\. '([^']+)'$/.exec(value)?.[1] : undefined;
  return file === undefined ? unknown(line) : runFile(toHost(file));
}

/** Base64 of UTF-16, little endian. */
function decode(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text || bytes.length % 2 === 1) throw new Error('no encoded command');
  return bytes.toString('utf16le');
}

/** Without a mark a file is in the system's old code page: ASCII is safe. */
function runFile(path: string): Promise<number> {
  const text = readFileSync(path, 'utf8');
  if (!text.startsWith('\uFEFF') && /[^\0-\x7f]/.test(text)) throw new Error('a script without a mark');
  return run(text.replace(/^\uFEFF/, ''));
}

async function run(script: string): Promise<number> {
  provide(processTypes);
  provide(guestTypes);
  const scope = new Scope();
  scope.set('PID', process.pid);
  try {
    const output = await new Interpreter([...core, ...guestCmdlets]).runStatements(
      parseScript(script),
      scope,
    );
    for (const each of output) process.stdout.write(`${String(each)}\r\n`);
    return 0;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    if (!(error instanceof PsError)) throw error;
    process.stderr.write(`${error.message}\r\n    + FullyQualifiedErrorId : ${error.id}\r\n`);
    return 1;
  }
}

/** A command line of plain words, in which PowerShell sees nothing special. */
async function native(text: string): Promise<number> {
  const [, name = '', rest = ''] = /^([\w.]+) ([\w+/= -]*)$/.exec(text) ?? [];
  const child = createProcess(name, rest, { stdio: 'inherit' });
  if (!child) return unknown(text);
  return new Promise((resolve) => child.once('exit', (code) => resolve(exitCodeOf(child.pid ?? 0, code))));
}

function unknown(line: string): number {
  process.stderr.write(`The stand-in does not take: ${line}\r\n`);
  return 64;
}
