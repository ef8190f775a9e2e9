/**
 * The one seam through which vmtest starts other programs. Commands are argv arrays, never shell strings.
 * None gets a terminal's signals. The locale is fixed to C, so that vendors' texts are the ones their parsers know.
 */
import type { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { timeoutError, VmtestError } from './errors.ts';
import { waitsFor } from './waits.ts';

export type Argv = readonly [string, ...string[]];

export interface ExecOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /** Written to stdin, which is empty otherwise. */
  input?: string | Buffer;
  /** Milliseconds after which the command is ended (TERM, then KILL). Default: 60 s. */
  timeout?: number;
  signal?: AbortSignal;
  /** How a deadline calls it that ended the wait for it. Default: the program, and the first word behind it if that is no option. */
  name?: string;
  /** What logs show in its place: for commands that carry data, or secrets that are not known as such. */
  shown?: Argv;
  /** Bytes kept of each stream. Default: 16 MiB. */
  maxOutput?: number;
}

/** How a command ended. A failing exit code is an answer, not an exception. */
export interface ExecResult {
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command to its end.
 * @throws VmtestError `COMMAND_NOT_FOUND`, `TIMEOUT`; the signal's reason when it aborts.
 */
export type Exec = (argv: Argv, options?: ExecOptions) => Promise<ExecResult>;

/** A command that ran, as it is told to whoever listens. */
export interface ToldCommand {
  /** As logs may show it, see `ExecOptions.shown`. */
  argv: Argv;
  started: Date;
  /** Milliseconds until it ended. Absent for a program that lives on. */
  ms?: number;
  /** Absent for a program that lives on, and for one that came to no end of its own. */
  result?: ExecResult;
  /** Code of the error when there is no result: it could not be started, took too long, was not wanted any more. */
  error?: string;
}

export interface SpawnOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Told of every piece of output. */
  onStderr?: (text: string) => void;
  onStdout?: (text: string) => void;
  /** Its streams are the caller's, as bytes: `Child.pipes`. Default: false. */
  pipes?: boolean;
}

/** The streams of a child, for a conversation. */
export interface Pipes {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Resolves when the process itself has ended, though one that it started may still hold its output open. Never rejects. */
  exited: Child['ended'];
}

/** A program that lives on. It is not killed when this process ends in an orderly way with it still `detached`. */
export interface Child {
  readonly pid: number;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Promise<{ exitCode: number | undefined; signal: string | undefined }>;
  /** @param group whether what it started gets the signal too. Default: false. */
  kill(signal: NodeJS.Signals, group?: boolean): void;
  /** Of one that was started with `pipes`. */
  readonly pipes?: Pipes;
  /** Lets this process end while the child runs on. */
  unref(): void;
}

/** Starts a program in its own process group, so that a terminal's Ctrl-C does not reach it. Output never goes to ours. */
export type Spawn = (argv: Argv, options?: SpawnOptions) => Promise<Child>;

const DEFAULT_TIMEOUT = 60_000;
const KEPT_OUTPUT = 16 * 1024 * 1024;
const FORCE_KILL_AFTER = 5_000;
/** For the output of a command that has ended, while something else holds it open. */
const LAST_WORDS_MS = 500;
const LOCALE = { LC_ALL: 'C', LANGUAGE: 'C' };

export const exec: Exec = async (argv, options = {}) => {
  const waited = waitsFor(options.signal, `the command ${options.name ?? nameOf(argv)}`);
  try {
    return await runToEnd(argv, options);
  } finally {
    waited();
  }
};

async function runToEnd(argv: Argv, options: ExecOptions): Promise<ExecResult> {
  const { execa } = await import('execa');
  const timeout = options.timeout ?? DEFAULT_TIMEOUT;
  const [file, ...args] = argv;
  options.signal?.throwIfAborted();
  const child = execa(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...LOCALE, ...options.env },
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    timeout,
    maxBuffer: options.maxOutput ?? KEPT_OUTPUT,
    forceKillAfterDelay: FORCE_KILL_AFTER,
    reject: false,
    stripFinalNewline: false,
    windowsHide: true,
    // As with `spawn`: a terminal's Ctrl-C must not end the very command that takes a machine away.
    detached: true,
  });
  endsWithUs(child);
  child.once('exit', (_code, signal) => {
    if (signal !== null && child.pid !== undefined) endGroup(child.pid);
    hangUp(child);
  });
  const result = await child;
  if (result.isCanceled) options.signal?.throwIfAborted();
  if (result.timedOut)
    throw timeoutError(`the command ${showArgv(options.shown ?? argv)}`, timeout, { details: result.stderr });
  if (result.exitCode === undefined && result.signal === undefined) {
    throw notStarted(file, result.cause ?? result);
  }
  return {
    exitCode: result.exitCode,
    signal: result.signal,
    stdout: result.stdout,
    stderr: result.stderr,
  };
}

/**
 * Some engines' commands start a service or the machine itself, which inherits their output and holds it open for hours
 * (`vmrun start`, VBoxSVC). What the command itself has printed is in the pipe when it ends.
 */
function hangUp(child: Pick<ChildProcess, 'stdout' | 'stderr' | 'once'>): void {
  const late = setTimeout(() => {
    // After a turn that reads: on a busy host the timer may be due before what has come is seen.
    setImmediate(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
  }, LAST_WORDS_MS);
  child.once('close', () => clearTimeout(late));
}

type Running = Promise<unknown> & { kill(signal: NodeJS.Signals): boolean };
let running: Set<Running> | undefined;

/** As execa ends children that are not detached: when this process exits before they have, as after a second Ctrl-C. */
function endsWithUs(child: Running): void {
  if (!running) {
    const all = new Set<Running>();
    running = all;
    process.once('exit', () => {
      for (const each of all) each.kill('SIGTERM');
    });
  }
  running.add(child);
  void child.finally(() => running?.delete(child));
}

export const spawn: Spawn = async (argv, options = {}) => {
  const { spawn: start } = await import('node:child_process');
  const [file, ...args] = argv;
  const { pipes = false } = options;
  const child = start(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...LOCALE, ...options.env },
    stdio: [
      pipes ? 'pipe' : 'ignore',
      pipes || options.onStdout ? 'pipe' : 'ignore',
      pipes || options.onStderr ? 'pipe' : 'ignore',
    ],
    detached: true,
    windowsHide: true,
  });
  // 'close' rather than 'exit': the last words on stderr have been read then.
  const ended = endOf(child, 'close');
  const exited = endOf(child, 'exit');
  const { stdin, stdout, stderr } = child;
  if (!pipes) {
    stdout?.setEncoding('utf8').on('data', (text: string) => options.onStdout?.(text));
    stderr?.setEncoding('utf8').on('data', (text: string) => options.onStderr?.(text));
  }
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(notStarted(file, error)));
  });
  const pid = child.pid;
  if (pid === undefined) throw notStarted(file, undefined);
  return {
    pid,
    ended,
    kill: (signal, group = false) => {
      if (group && process.platform !== 'win32') killGroup(pid, signal);
      else child.kill(signal);
    },
    ...(pipes && stdin && stdout && stderr ? { pipes: { stdin, stdout, stderr, exited } } : {}),
    unref: () => {
      child.unref();
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    },
  };
};

/**
 * What a killed command had started, such as the program behind a wrapper script: it would go on without anybody, and hold the
 * command's output open, which is waited for.
 */
function endGroup(leader: number): void {
  if (process.platform !== 'win32') killGroup(leader, 'SIGKILL');
}

function endOf(child: ChildProcess, event: 'close' | 'exit'): Child['ended'] {
  return new Promise((resolve) => {
    child.once(event, (code, signal) => {
      resolve({ exitCode: code ?? undefined, signal: signal ?? undefined });
    });
  });
}

/** The child leads its group, so the group has its number. */
function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A command as a person would type it, for messages only. */
export function showArgv(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** Little, as some take passwords as arguments; engine.log has all of it, masked. */
function nameOf([file, verb = '']: Argv): string {
  const program = basename(file);
  return /^[a-z]/i.test(verb) ? `${program} ${verb}` : program;
}

/** What is to be said of a command that was killed; what it printed until then tells nothing. */
export function killedWords(program: string, { signal }: Pick<ExecResult, 'signal'>): string | undefined {
  return signal === undefined ? undefined : `${program} was ended by ${signal}`;
}

function notStarted(file: string, cause: unknown): VmtestError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') {
    return new VmtestError('COMMAND_NOT_FOUND', `the program ${file} was not found`, {
      hint: `Install it, or put it on PATH. \`vmtest doctor\` shows what each engine needs.`,
      cause,
    });
  }
  return new VmtestError(
    'COMMAND_NOT_STARTED',
    `the program ${file} could not be started (${code ?? cause})`,
    {
      retryable: code === 'EAGAIN' || code === 'EMFILE' || code === 'ENFILE',
      cause,
    },
  );
}
