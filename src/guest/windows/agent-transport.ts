/**
 * Scripts through an engine's agent in a Windows guest (QEMU's, PowerShell Direct). Outputs of any size go to files, by cmd.exe,
 * and are read while they grow where the agent can: QEMU's opens no file that somebody writes to, so there they come at the end.
 */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { followProgram, outputFiles, type Piece, stdoutOf, tellPieces } from '../agent/follow.ts';
import { piecesOf } from '../agent/pieces.ts';
import { captureProgram } from '../agent/program.ts';
import { WatchedLink } from '../agent/watched-link.ts';
import type { AgentLink, GuestExit, GuestIo } from '../channel.ts';
import type { Captured, ScriptTransport } from '../transport.ts';
import { type BootScript, powerShell } from './boot.ts';

const CMD = ['cmd.exe', '/d', '/c'];

export class WindowsAgentTransport implements ScriptTransport {
  readonly #link: AgentLink;
  readonly #watched: WatchedLink;
  readonly #boot: BootScript;
  readonly #folder: string;
  /** A clone finds the files of its template's channel in the folder; theirs must not pass for ours. */
  readonly #own = randomBytes(3).toString('hex');
  #files = 0;

  /** @param folder our private folder in the guest; only `capture` of short scripts works without. */
  constructor(link: AgentLink, boot: BootScript, folder = '') {
    this.#link = link;
    this.#watched = new WatchedLink(link);
    this.#boot = boot;
    this.#folder = folder;
  }

  get isLost(): boolean {
    return this.#watched.isLost;
  }

  async run(script: string, _fromStdin: string, io: GuestIo, signal: AbortSignal): Promise<GuestExit> {
    return tellPieces(this.#follow(script, undefined, signal), io);
  }

  async capture(script: string, input: Buffer | undefined, signal: AbortSignal): Promise<Captured> {
    const { argv, given } = await this.#fed(script, input, signal);
    return this.#captured(argv, given, signal);
  }

  /** The input becomes a file first: agents do not stream it. */
  async send(script: string, input: Readable, signal: AbortSignal): Promise<Captured> {
    const file = this.#newFile('in');
    try {
      return await this.#captured(await this.#fromFile(file, script, input, signal), undefined, signal);
    } finally {
      await this.#remove(file);
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

  async setClock(signal: AbortSignal): Promise<boolean> {
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
    const { argv, given } = await this.#fed(script, input, signal);
    // Neither blanks nor quotes in any of these words, so that whoever joins them has nothing to add. A command may have
    // removed the folder.
    const whole = [...CMD, 'md', this.#folder, '2>nul', '&', ...argv, `>${out}`, `2>${err}`];
    const outputs = outputFiles(this.#link, out, err);
    const pieces = followProgram(this.#link, whole, outputs, given, 'windows', signal);
    return unsigned(yield* this.#watched.watchPieces(pieces));
  }

  async #captured(argv: string[], given: Buffer | undefined, signal: AbortSignal): Promise<Captured> {
    const captured = await this.#watched.watch(captureProgram(this.#link, argv, given, 'windows', signal));
    return { ...captured, exit: unsigned(captured.exit) };
  }

  /** The program of a script, and what goes into it; more than the link takes at a start comes from a file. */
  async #fed(
    script: string,
    input: Buffer | undefined,
    signal: AbortSignal,
  ): Promise<{ argv: string[]; given?: Buffer }> {
    const text = Buffer.from(`${script}\n`);
    const given = input ? Buffer.concat([text, input]) : text;
    if (given.length <= (this.#link.mostInput ?? Number.POSITIVE_INFINITY)) {
      return { argv: powerShell(this.#boot(text.length, {})), given };
    }
    const rest = Readable.from(input ? [input] : []);
    return { argv: await this.#fromFile(this.#newFile('in'), script, rest, signal) };
  }

  async #fromFile(file: string, script: string, input: Readable, signal: AbortSignal): Promise<string[]> {
    const text = Buffer.from(`${script}\n`);
    let append = false;
    for await (const piece of piecesOf(Readable.from(after(text, input)), this.#link.chunk)) {
      await this.#watched.watch(this.#link.write(file, piece, { append }, signal));
      append = true;
    }
    return powerShell(this.#boot(text.length, { file }));
  }

  #newFile(ending: string): string {
    this.#files += 1;
    return `${this.#folder}\\${this.#own}-${this.#files}.${ending}`;
  }

  /** What stays goes away with the folder; but an upload may be large. */
  #remove(file: string): Promise<void> {
    return this.#watched.startUnwatched([...CMD, 'del', '/q', file]);
  }
}

async function* after(first: Buffer, rest: Readable): AsyncGenerator<Buffer, void> {
  yield first;
  yield* rest;
}

/** Exit codes of Windows have 32 bits, and some agents have them signed. */
function unsigned(exit: GuestExit): GuestExit {
  return exit.exitCode === undefined ? exit : { exitCode: exit.exitCode >>> 0 };
}
