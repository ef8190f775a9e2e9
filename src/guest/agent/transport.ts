/**
 * Scripts through an engine's agent, or a console that acts as one. An agent keeps little of a program's output and tells
 * nothing of it before the end, so outputs go to files in the guest, which are read while they grow.
 */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { VmtestError } from '../../host/errors.ts';
import type { AgentLink, ConnectOptions, GuestExit, GuestIo } from '../channel.ts';
import { keepFolder } from '../shell/private-folder.ts';
import type { Captured, ScriptTransport } from '../transport.ts';
import { followProgram, outputFiles, type Piece, stdoutOf, tellPieces } from './follow.ts';
import { type Identity, setDate } from './identity.ts';
import { notKept } from './not-kept.ts';
import { piecesOf } from './pieces.ts';
import { captureProgram } from './program.ts';
import { WatchedLink } from './watched-link.ts';

/** Bytes of output left lying in the guest, for a while. */
const WORTH_REMOVING = 1024 * 1024;

/** Linux takes 128 KiB in one argument of a program. In characters, of up to four bytes each. */
const MOST_INLINE = 24 * 1024;

/** Runs a program without a shell's file, as `stdin <file program`. */
const FROM_FILE = ['/bin/sh', '-c', 'f=$1; shift; exec "$@" <"$f"', 'sh'];

/** Whether the agent's `date` sets the clock, has just done so, or is about to. */
export type AgentsClock = 'unable' | 'able' | 'fresh' | 'due';

export interface AgentsGuest {
  identity: Identity;
  os: ConnectOptions['os'];
  /** Our private folder in the guest. */
  folder: string;
  clock: AgentsClock;
}

export class AgentTransport implements ScriptTransport {
  readonly #link: AgentLink;
  readonly #watched: WatchedLink;
  readonly #identity: Identity;
  readonly #os: ConnectOptions['os'];
  readonly #folder: string;
  /** A clone finds the files of its template's channel in the folder; theirs must not pass for ours. */
  readonly #own = randomBytes(3).toString('hex');
  #clock: AgentsClock;
  #files = 0;

  constructor(link: AgentLink, { identity, os, folder, clock }: AgentsGuest) {
    this.#link = link;
    this.#watched = new WatchedLink(link);
    this.#identity = identity;
    this.#os = os;
    this.#folder = folder;
    this.#clock = clock;
  }

  get isLost(): boolean {
    return this.#watched.isLost;
  }

  async run(script: string, fromStdin: string, io: GuestIo, signal: AbortSignal): Promise<GuestExit> {
    const pieces =
      script.length <= MOST_INLINE && !this.#link.showsWords
        ? this.#follow(script, undefined, signal)
        : this.#follow(fromStdin, Buffer.from(script), signal);
    return tellPieces(pieces, io);
  }

  async capture(script: string, input: Buffer | undefined, signal: AbortSignal): Promise<Captured> {
    const { argv, given } = await this.#fed(script, input, signal);
    return this.#watched.watch(captureProgram(this.#link, argv, given, this.#os, signal));
  }

  /** The input becomes a file first: agents do not stream it, and a FIFO stalls QEMU's until somebody opens it. */
  async send(script: string, input: Readable, signal: AbortSignal): Promise<Captured> {
    const file = this.#newFile('in');
    try {
      await this.#fill(file, input, signal);
      const argv = [...FROM_FILE, file, ...this.#argv(script)];
      return await this.#watched.watch(captureProgram(this.#link, argv, undefined, this.#os, signal));
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
    yield* stdoutOf(this.#follow(script, input, signal), check);
  }

  /**
   * By the agent's own `date`, which goes in front of the next script: a program of its own would take an emulated guest
   * a tenth of a second. Else by the engine's call; QEMU's comes second since it starts `hwclock`, which waits for a
   * certain moment of the hardware clock's second. False when neither works.
   */
  async setClock(signal: AbortSignal): Promise<boolean> {
    if (this.#clock !== 'unable') {
      this.#clock = this.#clock === 'fresh' ? 'able' : 'due';
      return true;
    }
    return this.#watched.setClock(signal);
  }

  close(tidy?: boolean): void | Promise<void> {
    return this.#link.close(tidy);
  }

  async *#follow(
    script: string,
    input: Buffer | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Piece, GuestExit> {
    const [out, err] = [this.#newFile('out'), this.#newFile('err')];
    const outputs = outputFiles(this.#link, out, err);
    const whole = `${keepFolder(this.#folder)}; ${intoFiles(out, err)}\n${script}`;
    const { argv, given } = await this.#fed(whole, input, signal);
    try {
      const pieces = followProgram(this.#link, argv, outputs, given, this.#os, signal);
      return yield* this.#watched.watchPieces(pieces);
    } finally {
      // What is small goes away with the folder; each removal costs as much as a command.
      const large = outputs.filter(({ file }) => file.bytesRead > WORTH_REMOVING);
      if (large.length > 0 || signal.aborted) this.#remove(out, err);
    }
  }

  /** The program of a script, and what goes into it; more than the link takes at a start comes from a file. */
  async #fed(
    script: string,
    input: Buffer | undefined,
    signal: AbortSignal,
  ): Promise<{ argv: string[]; given?: Buffer }> {
    if (!input) return { argv: this.#argv(script) };
    if (input.length <= (this.#link.mostInput ?? Number.POSITIVE_INFINITY))
      return { argv: this.#argv(script), given: input };
    const file = this.#newFile('in');
    await this.#fill(file, Readable.from([input]), signal);
    return { argv: [...FROM_FILE, file, ...this.#argv(script)] };
  }

  async #fill(file: string, input: Readable, signal: AbortSignal): Promise<void> {
    let append = false;
    for await (const piece of piecesOf(input, this.#link.chunk)) {
      await (append ? this.#append(file, piece, signal) : this.#create(file, piece, signal));
      append = true;
    }
  }

  /** A folder that is missing is rare: asking first would cost every upload a round trip. */
  async #create(file: string, data: Buffer, signal: AbortSignal): Promise<void> {
    const write = () => this.#watched.watch(this.#link.write(file, data, { append: false }, signal));
    try {
      await write();
    } catch (error) {
      if (signal.aborted || !isRefusal(error)) throw error;
      await this.capture(keepFolder(this.#folder), undefined, signal);
      await orNotKept(write());
    }
  }

  #append(file: string, data: Buffer, signal: AbortSignal): Promise<void> {
    return orNotKept(this.#watched.watch(this.#link.write(file, data, { append: true }, signal)));
  }

  #newFile(ending: string): string {
    this.#files += 1;
    return `${this.#folder}/${this.#own}-${this.#files}.${ending}`;
  }

  /** Not waited for: the folder goes away with the channel anyhow, but large files should not wait so long. */
  #remove(...files: string[]): void {
    void this.#watched.startUnwatched(['/bin/sh', '-c', `rm -f ${files.join(' ')}`]);
  }

  #argv(script: string): string[] {
    if (this.#clock !== 'due') return this.#identity.argv(script);
    this.#clock = 'able';
    return this.#identity.argvAfter(setDate(), script);
  }
}

/**
 * Outputs of the rest of a script go into files. That they can be written is tried first, while a complaint still reaches
 * the agent: the files of a full disk would swallow it.
 */
function intoFiles(out: string, err: string): string {
  return `{ echo >${out}; } && { echo >${err}; } || exit; exec >${out} 2>${err}`;
}

function isRefusal(error: unknown): error is VmtestError {
  return error instanceof VmtestError && error.code === 'GUEST_AGENT_REFUSED';
}

async function orNotKept(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    throw isRefusal(error) ? notKept(error.message, error) : error;
  }
}
