/**
 * A program that lives on, under watch: what it says on stderr, how it ended, and its end for certain. An engine's driver
 * puts its own conversation with the program on top.
 */
import { sleep } from './deadline.ts';
import { VmtestError } from './errors.ts';
import type { Argv, Child, Spawn } from './exec.ts';

/** In characters; what tells why comes last. */
const KEPT_STDERR = 64 * 1024;
const KILLED_MS = 10_000;

export class WatchedProcess {
  readonly pid: number;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Child['ended'];
  readonly #child: Child;
  readonly #name: string;
  readonly #stderr: () => string;
  #how: string | undefined;

  /**
   * Starts the program; its stdout goes nowhere.
   * @param name what sentences about it begin with: "QEMU".
   * @throws VmtestError `COMMAND_NOT_FOUND`, `COMMAND_NOT_STARTED`
   */
  static async start(spawn: Spawn, argv: Argv, name: string): Promise<WatchedProcess> {
    let stderr = '';
    const child = await spawn(argv, {
      onStderr: (text) => {
        stderr = (stderr + text).slice(-KEPT_STDERR);
      },
    });
    return new WatchedProcess(child, name, () => stderr);
  }

  private constructor(child: Child, name: string, stderr: () => string) {
    this.#child = child;
    this.#name = name;
    this.#stderr = stderr;
    this.pid = child.pid;
    this.ended = child.ended;
    void child.ended.then(({ exitCode, signal }) => {
      this.#how = signal === undefined ? `${name} ended with ${exitCode}` : `${name} was ended by ${signal}`;
    });
  }

  /** How it ended, if it has, and all that is kept of what it said, a line each. */
  words(): string {
    return [this.#how ?? '', this.#stderr()].join('\n').trim();
  }

  /** How it ended, with what tells most of what it said, in one line. */
  epitaph(telling: (stderr: string) => string): string {
    return [this.#how ?? `${this.#name} ended`, telling(this.#stderr())]
      .filter((part) => part !== '')
      .join(': ');
  }

  /** True as soon as it has ended, false when it has not in time. */
  async endsWithin(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const late = sleep(ms, timer.signal).then(
      () => false,
      () => false,
    );
    const inTime = await Promise.race([this.ended.then(() => true), late]);
    timer.abort();
    return inTime;
  }

  /**
   * Kills it. Resolves when it has ended.
   * @param within milliseconds after which it is given up.
   * @throws VmtestError with `code` then; `what` begins the message.
   */
  async kill({ code, what }: { code: string; what: string }, within = KILLED_MS): Promise<void> {
    this.#child.kill('SIGKILL');
    if (await this.endsWithin(within)) return;
    const message = `${what} does not end, even killed`;
    throw new VmtestError(code, message, {
      leftBehind: message,
      hint: 'It hangs in the kernel, most likely on storage that does not answer.',
    });
  }

  /** Lets this process end while that one runs on: no pipe, no wait. */
  unref(): void {
    this.#child.unref();
  }
}
