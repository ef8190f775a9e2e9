/**
 * `cmd.exe`, as far as vmtest uses it: programs with plain words, `&`, redirections into files, and a few commands of its own.
 * Everything that cmd would see something special in, and that is not done here, is refused.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { toHost } from './paths.ts';
import { createProcess, exitCodeOf, findProgram } from './programs.ts';

const MOST_CHARACTERS = 8191;

export async function cmd(line: string): Promise<number> {
  const [, rest] = /^(?:\/(?:d|s|e:on|v:off) +)*\/c +(.*)$/is.exec(line) ?? [];
  if (rest === undefined) throw new Error(`cmd.exe ${line}`);
  if (rest.length > MOST_CHARACTERS) return refuse('The command line is too long.');
  if (/[\r\n]/.test(rest)) throw new Error('a line break ends the command line');
  // Of quotes that do not just enclose the path of a program, the first and the last are taken away.
  const text = rest.startsWith('"') ? rest.replace(/^"(.*)"(.*)$/s, '$1$2') : rest;
  return (await runLine(text)).code;
}

/** A number is a stream's only behind a blank. */
const REDIRECTION = /((?<=\s|^)2)?>(&2|\S+)/g;

interface Ran {
  code: number;
  /** `exit /b`. */
  leaves?: boolean;
}

async function runLine(text: string): Promise<Ran> {
  if (/[|<^()!%]/.test(text)) throw new Error(`cmd.exe would see something in ${text}`);
  let ran: Ran = { code: 0 };
  // An ampersand that belongs to `>&2` separates nothing.
  for (const part of text.split(/(?<!>)&/)) ran = await runCommand(part.trim());
  return ran;
}

async function runCommand(text: string): Promise<Ran> {
  const redirects = [...text.matchAll(REDIRECTION)];
  const words = text.replaceAll(REDIRECTION, '').trim();
  const opened: number[] = [];
  const outputs: [number, number] = [1, 2];
  try {
    for (const [, which, target = ''] of redirects) {
      const to =
        target === '&2' ? outputs[1] : openSync(target === 'nul' ? '/dev/null' : toHost(target), 'w');
      if (target !== '&2') opened.push(to);
      outputs[which === '2' ? 1 : 0] = to;
    }
  } catch {
    return { code: refuse('The system cannot find the path specified.') };
  }
  try {
    return await run(words, outputs);
  } finally {
    for (const each of opened) closeSync(each);
  }
}

async function run(words: string, [out, err]: [number, number]): Promise<Ran> {
  const [name = '', rest = ''] = /^(\S+) ?(.*)$/s.exec(words)?.slice(1) ?? [];
  switch (name.toLowerCase().replace(/^@/, '')) {
    case 'echo':
      if (rest !== 'off') writeTo(out, `${rest}\r\n`);
      return { code: 0 };
    case 'exit':
      return { code: Number(/^\/b (-?\d+)$/.exec(rest)?.[1]) | 0, leaves: true };
    case 'md':
      return { code: makeFolder(rest, err) };
    case 'del':
      rmSync(toHost(rest.replace(/^\/q /, '')), { force: true });
      return { code: 0 };
    case 'call':
      return { code: await batch(rest.replace(/^"(.*)"$/, '$1')) };
    default:
      return { code: await program(name, rest, [out, err]) };
  }
}

async function program(name: string, rest: string, [out, err]: [number, number]): Promise<number> {
  const found = [name, `${name}.exe`].find((each) => findProgram(each) !== undefined);
  const child = found && createProcess(found, rest, { stdio: ['inherit', out, err] });
  if (!child) {
    writeTo(
      err,
      `'${name}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n`,
    );
    return 1;
  }
  return new Promise((resolve) => child.once('exit', (code) => resolve(exitCodeOf(child.pid ?? 0, code))));
}

async function batch(path: string): Promise<number> {
  const text = readFileSync(toHost(path), 'utf8');
  if (/[^\r]\n/.test(text)) throw new Error('a batch file with line ends of another system');
  let code = 0;
  for (const line of text.split('\r\n').filter((each) => each.trim() !== '')) {
    const ran = await runLine(line);
    code = ran.code;
    if (ran.leaves) break;
  }
  return code;
}

function makeFolder(path: string, err: number): number {
  try {
    mkdirSync(toHost(path));
    return 0;
  } catch {
    writeTo(err, `A subdirectory or file ${path} already exists.\r\n`);
    return 1;
  }
}

function writeTo(descriptor: number, text: string): void {
  writeFileSync(descriptor, text);
}

function refuse(text: string): number {
  writeTo(2, `${text}\r\n`);
  return 1;
}
