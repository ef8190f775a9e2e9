/** One run of a user's program: a request in, bytes out, under a deadline. */
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { Tail } from '../../src/guest/transport.ts';
import { linkSignal } from '../../src/host/deadline.ts';
import { timeoutError } from '../../src/host/errors.ts';
import type { Argv, Child, Spawn } from '../../src/host/exec.ts';
import { endGroup } from './end-group.ts';

export interface ProgramRun {
  argv: Argv;
  cwd: string;
  env: Record<string, string>;
  input: string;
  /** Milliseconds. */
  timeout: number;
  /** What it is, for the deadline's message. */
  what: string;
  signal: AbortSignal;
  /** Told of every line on stderr. */
  onLine(line: string): void;
}

export interface Ran {
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: Buffer;
  /** There was more than `MOST_ANSWER`, and the program was ended. */
  tooMuch: boolean;
  /** Its end. */
  stderr: string;
}

/** Bytes. */
export const MOST_ANSWER = 1024 * 1024;

/** How long output is waited for after the program itself has ended: a machine left in the background may hold it open. */
const DRAIN_MS = 500;

/** @throws VmtestError `TIMEOUT`, `COMMAND_NOT_FOUND`, `COMMAND_NOT_STARTED`; the signal's reason when it aborts. */
export async function runProgram(spawn: Spawn, run: ProgramRun): Promise<Ran> {
  const { argv, cwd, env, timeout, what, signal } = run;
  signal.throwIfAborted();
  const child = await spawn(argv, { cwd, env, pipes: true });
  const deadline = linkSignal(signal, { ms: timeout, what });
  const end = () => endGroup(child);
  if (deadline.signal.aborted) end();
  else deadline.signal.addEventListener('abort', end, { once: true });
  try {
    const ran = await converse(child, run);
    signal.throwIfAborted();
    if (deadline.signal.aborted) throw late(what, timeout, ran);
    return ran;
  } finally {
    deadline.signal.removeEventListener('abort', end);
    deadline.unlink();
  }
}

async function converse(child: Child, { input, onLine }: ProgramRun): Promise<Ran> {
  const { pipes } = child;
  if (!pipes) throw new Error('the program was started without pipes');
  const { stdin, stdout, stderr, exited } = pipes;
  // A program may end without having read its request.
  stdin.on('error', () => {});
  stdin.end(input);
  const answer = new Answer(() => endGroup(child));
  stdout.on('data', (chunk: Buffer) => answer.push(chunk));
  const said = new Tail();
  const lines = new Lines(onLine);
  stderr.on('data', (chunk: Buffer) => {
    said.push(chunk);
    lines.push(chunk);
  });
  const { exitCode, signal } = await exited;
  await Promise.race([child.ended, delay(DRAIN_MS)]);
  for (const stream of [stdin, stdout, stderr]) stream.destroy();
  lines.end();
  return { exitCode, signal, stdout: answer.bytes, tooMuch: answer.tooMuch, stderr: said.text };
}

function late(what: string, ms: number, { stderr }: Ran): Error {
  return timeoutError(what, ms, {
    hint: 'It was ended, with all that it had started. Its last words on stderr are among the details.',
    ...(stderr.trim() === '' ? {} : { details: stderr }),
  });
}

class Answer {
  readonly #chunks: Buffer[] = [];
  readonly #onTooMuch: () => void;
  #length = 0;

  constructor(onTooMuch: () => void) {
    this.#onTooMuch = onTooMuch;
  }

  push(chunk: Buffer): void {
    if (this.tooMuch) return;
    this.#length += chunk.length;
    if (this.tooMuch) this.#onTooMuch();
    else this.#chunks.push(chunk);
  }

  get tooMuch(): boolean {
    return this.#length > MOST_ANSWER;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** Text without line ends is told in pieces of so many characters. */
const LONGEST_LINE = 4_096;

class Lines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #tell: (line: string) => void;
  #rest = '';

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split(/\r?\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.#tell(line.slice(0, LONGEST_LINE));
    if (this.#rest.length > LONGEST_LINE) this.end();
  }

  end(): void {
    if (this.#rest !== '') this.#tell(this.#rest.slice(0, LONGEST_LINE));
    this.#rest = '';
  }
}
