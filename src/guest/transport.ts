/** What SSH and an engine's agent have in common underneath `ScriptChannel`: scripts with input and output. */
import type { Readable } from 'node:stream';
import { VmtestError } from '../host/errors.ts';
import type { GuestExit, GuestIo } from './channel.ts';

/** How a script ended, with what it printed. */
export interface Captured {
  exit: GuestExit;
  stdout: Buffer;
  stderr: string;
}

/**
 * All methods reject with the signal's reason when it aborts, leaving the script to itself, and with a retryable error
 * when the guest got lost. A script starts in a folder of no meaning, with HOME set, as the guest's user.
 */
export interface ScriptTransport {
  /** True once it is known that nothing will come from the guest any more. */
  readonly isLost: boolean;
  /**
   * Runs a script of any length for as long as it takes; its output may be of any size.
   * @param fromStdin a short script that runs the script, which it finds on its stdin: for one that is too long to be
   * handed over.
   */
  run(script: string, fromStdin: string, io: GuestIo, signal: AbortSignal): Promise<GuestExit>;
  /** Runs a short script. */
  capture(script: string, input: Buffer | undefined, signal: AbortSignal): Promise<Captured>;
  /** Runs a script that reads a stream from its stdin. */
  send(script: string, input: Readable, signal: AbortSignal): Promise<Captured>;
  /** The stdout of a script. At its end `check` may throw, which becomes the stream's error. */
  receive(
    script: string,
    input: Buffer,
    check: (exit: GuestExit, stderr: string) => void,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void>;
  /** Sets the guest's clock by rights that the guest's user may lack; false when that is not to be had. */
  setClock?(signal: AbortSignal): Promise<boolean>;
  /** @param tidy the transport removes what it left in the guest itself. */
  close(tidy?: boolean): void | Promise<void>;
}

/** The last bytes of a stream: error texts end in what matters. */
export class Tail {
  readonly #most: number;
  #bytes = Buffer.alloc(0);

  constructor(most = 16 * 1024) {
    this.#most = most;
  }

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]).subarray(-this.#most);
  }

  get text(): string {
    return this.#bytes.toString();
  }
}

/** What a guest prints is not trusted to end. Longer than the names of half a million files. */
const MOST_OUTPUT = 64 * 1024 * 1024;

/** All of a script's output, which must stay within bounds. */
class BoundedOutput {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_OUTPUT) this.#chunks.length = 0;
    else this.#chunks.push(chunk);
  }

  /** @throws VmtestError `GUEST_OUTPUT_TOO_LONG` */
  take(): Buffer {
    if (this.#bytes > MOST_OUTPUT) throw outputTooLong(this.#bytes);
    return Buffer.concat(this.#chunks);
  }
}

/** Keeps what a script prints: all of its stdout within bounds, and the end of stderr. */
export class Capture implements GuestIo {
  readonly #stdout = new BoundedOutput();
  readonly #stderr = new Tail();

  onStdout(chunk: Buffer): void {
    this.#stdout.push(chunk);
  }

  onStderr(chunk: Buffer): void {
    this.#stderr.push(chunk);
  }

  /** @throws VmtestError `GUEST_OUTPUT_TOO_LONG` */
  endedWith(exit: GuestExit): Captured {
    return { exit, stdout: this.#stdout.take(), stderr: this.#stderr.text };
  }
}

export function outputTooLong(bytes: number): VmtestError {
  return new VmtestError('GUEST_OUTPUT_TOO_LONG', `the guest answered with more than ${bytes} bytes`, {
    hint: 'Is there a folder with very many files below the one that files are collected from? Narrow the globs.',
  });
}

/** For messages: `exit code 2`, `SIGKILL`. */
export function showExit(exit: GuestExit): string {
  return exit.signal ?? `exit code ${exit.exitCode ?? 'unknown'}`;
}
