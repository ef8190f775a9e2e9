/**
 * Scripts through an engine's agent. An agent keeps little of a program's output and tells nothing of it before the end,
 * so outputs go to files in the guest, which are read while they grow. Every call costs a round trip of milliseconds in
 * an emulated guest; the pauses between looks grow with the age of the command, so that its end is noticed within a
 * tenth of its duration.
 */
import type { Readable } from 'node:stream';
import { sleep } from '../../host/deadline.ts';
import { VmtestError } from '../../host/errors.ts';
import type { AgentLink, AgentPoll, ConnectOptions, GuestExit, GuestIo } from '../channel.ts';
import { keepFolder } from '../shell/private-folder.ts';
import { signalName } from '../shell/signals.ts';
import { type Captured, fromStdin, outputTooLong, type ScriptTransport, Tail } from '../transport.ts';
import { GrowingFile } from './growing-file.ts';
import type { Identity } from './identity.ts';
import { piecesOf } from './pieces.ts';

const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/** A command that ends sooner has its output fetched once, at its end. */
const UNHEARD_MS = 100;
/** Bytes of output left lying in the guest, for a while. */
const WORTH_REMOVING = 1024 * 1024;

/** Linux takes 128 KiB in one argument of a program. In characters, of up to four bytes each. */
const MOST_INLINE = 24 * 1024;

/** Runs a program without a shell's file, as `stdin <file program`. */
const FROM_FILE = ['/bin/sh', '-c', 'f=$1; shift; exec "$@" <"$f"', 'sh'];

type Exited = Extract<AgentPoll, { exited: true }>;
type Piece = { stream: 'stdout' | 'stderr'; chunk: Buffer };

export class AgentTransport implements ScriptTransport {
  readonly #link: AgentLink;
  readonly #identity: Identity;
  readonly #os: ConnectOptions['os'];
  readonly #folder: string;
  #files = 0;
  #isLost = false;

  /** @param folder our private folder in the guest. */
  constructor(link: AgentLink, identity: Identity, os: ConnectOptions['os'], folder: string) {
    this.#link = link;
    this.#identity = identity;
    this.#os = os;
    this.#folder = folder;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  async run(script: string, file: string, io: GuestIo, signal: AbortSignal): Promise<GuestExit> {
    const pieces =
      script.length <= MOST_INLINE
        ? this.#follow(script, undefined, signal)
        : this.#follow(fromStdin(file), Buffer.from(script), signal);
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) return value;
      if (value.stream === 'stdout') io.onStdout(value.chunk);
      else io.onStderr(value.chunk);
    }
  }

  capture(script: string, input: Buffer | undefined, signal: AbortSignal): Promise<Captured> {
    return this.#watched(captureProgram(this.#link, this.#identity.argv(script), input, this.#os, signal));
  }

  /** The input becomes a file first: agents do not stream it, and a FIFO stalls QEMU's until somebody opens it. */
  async send(script: string, input: Readable, signal: AbortSignal): Promise<Captured> {
    const file = this.#newFile('in');
    try {
      let append = false;
      for await (const piece of piecesOf(input, this.#link.chunk)) {
        await (append ? this.#append(file, piece, signal) : this.#create(file, piece, signal));
        append = true;
      }
      const argv = [...FROM_FILE, file, ...this.#identity.argv(script)];
      return await this.#watched(captureProgram(this.#link, argv, undefined, this.#os, signal));
    } finally {
      this.#remove(file);
    }
  }

  async *receive(
    script: string,
    input: Buffer,
    check: (exit: GuestExit, stderr: string) => void,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void> {
    const stderr = new Tail();
    const pieces = this.#follow(script, input, signal);
    try {
      for (;;) {
        const { done, value } = await pieces.next();
        if (done) return check(value, stderr.text);
        if (value.stream === 'stdout') yield value.chunk;
        else stderr.push(value.chunk);
      }
    } finally {
      // A reader who has had enough.
      await pieces.return({});
    }
  }

  /** False where the engine has no call for it, or the guest forbids that call. */
  async setClock(signal: AbortSignal): Promise<boolean> {
    if (!this.#link.setClock) return false;
    try {
      await this.#watched(this.#link.setClock(Date.now(), signal));
      return true;
    } catch (error) {
      if (error instanceof VmtestError && !error.retryable && !signal.aborted) return false;
      throw error;
    }
  }

  close(): void {
    this.#link.close();
  }

  async *#follow(
    script: string,
    input: Buffer | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Piece, GuestExit> {
    const [out, err] = [this.#newFile('out'), this.#newFile('err')];
    const outputs = [
      { stream: 'stdout' as const, file: new GrowingFile(this.#link, out) },
      { stream: 'stderr' as const, file: new GrowingFile(this.#link, err) },
    ];
    const argv = this.#identity.argv(`${keepFolder(this.#folder)}; exec >${out} 2>${err}\n${script}`);
    try {
      const options = { capture: false, ...(input ? { input } : {}) };
      const program = await this.#watched(this.#link.start(argv, options, signal));
      const started = performance.now();
      for (;;) {
        const age = performance.now() - started;
        await sleep(pauseAt(age), signal);
        const state = await this.#watched(this.#link.poll(program, signal));
        if (!state.exited && age < UNHEARD_MS) continue;
        for (const { stream, file } of outputs) {
          for await (const chunk of file.news(state.exited, signal)) yield { stream, chunk };
        }
        if (state.exited) return exitOf(state, this.#os);
      }
    } finally {
      // What is small goes away with the folder; each removal costs as much as a command.
      const large = outputs.filter(({ file }) => file.bytesRead > WORTH_REMOVING);
      if (large.length > 0 || signal.aborted) this.#remove(out, err);
    }
  }

  /** A folder that is missing is rare: asking first would cost every upload a round trip. */
  async #create(file: string, data: Buffer, signal: AbortSignal): Promise<void> {
    const write = () => this.#watched(this.#link.write(file, data, { append: false }, signal));
    try {
      await write();
    } catch (error) {
      if (signal.aborted || !(error instanceof VmtestError) || error.retryable) throw error;
      await this.capture(keepFolder(this.#folder), undefined, signal);
      await write();
    }
  }

  #append(file: string, data: Buffer, signal: AbortSignal): Promise<void> {
    return this.#watched(this.#link.write(file, data, { append: true }, signal));
  }

  #newFile(ending: string): string {
    this.#files += 1;
    return `${this.#folder}/t${this.#files}.${ending}`;
  }

  /** Not waited for: the folder goes away with the channel anyhow, but large files should not wait so long. */
  #remove(...files: string[]): void {
    if (this.#isLost) return;
    const signal = new AbortController().signal;
    void this.#link
      .start(['/bin/sh', '-c', `rm -f ${files.join(' ')}`], { capture: false }, signal)
      .catch(() => {});
  }

  async #watched<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof VmtestError && error.code === 'GUEST_AGENT_LOST') this.#isLost = true;
      throw error;
    }
  }
}

/** Runs a short program to its end; the agent keeps its output. */
export async function captureProgram(
  link: AgentLink,
  argv: readonly string[],
  input: Buffer | undefined,
  os: ConnectOptions['os'],
  signal: AbortSignal,
): Promise<Captured> {
  const program = await link.start(argv, { capture: true, ...(input ? { input } : {}) }, signal);
  const started = performance.now();
  for (;;) {
    await sleep(pauseAt(performance.now() - started), signal);
    const state = await link.poll(program, signal);
    if (!state.exited) continue;
    if (state.truncated) throw outputTooLong(state.stdout.length);
    return { exit: exitOf(state, os), stdout: state.stdout, stderr: state.stderr.toString() };
  }
}

function pauseAt(age: number): number {
  return Math.min(Math.max(age / 10, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
}

function exitOf(state: Exited, os: ConnectOptions['os']): GuestExit {
  if (state.exitCode !== undefined) return { exitCode: state.exitCode };
  return state.signal === undefined ? {} : { signal: signalName(state.signal, os) };
}
