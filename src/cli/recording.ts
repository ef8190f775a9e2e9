/** `--record`: every command that ran on this host with its whole answer, to be sent in with a report or to be made a test. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import { VmtestError } from '../host/errors.ts';
import type { ExecResult, ToldCommand } from '../host/exec.ts';
import { version } from '../host/this-package.ts';

/** Characters of each stream. */
const LONGEST = 256 * 1024;

/** A JSON object a line: first the host, then the commands in the order in which they ended. */
export class Recording {
  readonly #path: string;

  /** @throws VmtestError `RECORD_UNWRITABLE` */
  constructor(path: string) {
    this.#path = path;
    const host = {
      vmtest: version(),
      node: process.versions.node,
      os: `${platform()} ${release()}`,
      arch: arch(),
    };
    try {
      writeFileSync(path, `${JSON.stringify(host)}\n`);
    } catch (error) {
      throw new VmtestError('RECORD_UNWRITABLE', `cannot write the recording: ${(error as Error).message}`, {
        hint: 'Name a file in a folder that exists.',
        cause: error,
      });
    }
  }

  /** At once, so that a run that is killed has told how far it came. */
  write({ argv, started, ms, result, error }: ToldCommand, cell: string | undefined): void {
    const line = {
      ...(cell === undefined ? {} : { cell }),
      argv,
      started: started.toISOString(),
      ...(ms === undefined ? {} : { ms: Math.round(ms) }),
      ...(error === undefined ? {} : { error }),
      ...(result && answerOf(result)),
    };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

function answerOf({ exitCode, signal, stdout, stderr }: ExecResult): ExecResult {
  return { exitCode, signal, stdout: shorten(stdout), stderr: shorten(stderr) };
}

function shorten(text: string): string {
  return text.length <= LONGEST
    ? text
    : `${text.slice(0, LONGEST)}…(${text.length - LONGEST} more characters)`;
}
