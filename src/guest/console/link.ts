/**
 * A console as an `AgentLink`: programs, their ends, and files, by the server in the guest's shell. All that builds on an
 * engine's agent works over it: other users, outputs that grow, trees of files.
 */
import type { Duplex } from 'node:stream';
import type { VmtestError } from '../../host/errors.ts';
import type { AgentLink, AgentPoll, AgentStartOptions, Credentials, FileShare } from '../channel.ts';
import { quotePosix } from '../shell/quote.ts';
import { outputTooLong } from '../transport.ts';
import { consoleLost, consoleRefused } from './errors.ts';
import { GetIn, type InStep } from './get-in.ts';
import { ConsoleLine } from './line.ts';
import { decodePart } from './part.ts';
import { sealOf } from './seal.ts';
import { SharedFolder } from './shared-folder.ts';
import { encodeBulk, escapeForPrintf } from './wire.ts';

/** Bytes of a file in one request. Longer ones are no faster, and what aborts has to wait for the end of one. */
const BULK_BYTES = 32 * 1024;
/** Without a decoder: as text for `printf`, which makes four or five characters of most bytes. */
const ESCAPED_BYTES = 2 * 1024;

/** Bytes read in one piece. It adapts: noise costs a whole piece, and each piece costs the guest some programs. */
const PIECE = { first: 64 * 1024, least: 512, most: 1024 * 1024 };
/** Milliseconds. A piece that took less may be followed by a larger one. */
const QUICK_MS = 250;
/** Damaged pieces in a row, the last ones as small as can be, after which there is no hope. */
const MOST_DAMAGED = 40;

/** Bytes that come and go by the line, though a folder could be mounted: mounting costs the guest some programs. */
const UNMOUNTED_BYTES = 16 * 1024;
/** The beginning of a file comes by the line: most outputs are no longer, and the folder costs more than so much text. */
const BEGINNING_BYTES = 4 * 1024;

/** Of a program whose output is kept. */
const MOST_CAPTURED = 64 * 1024 * 1024;
const END_MS = 1_000;

export interface ConsoleLinkOptions {
  credentials: Credentials;
  /** What the console shows when its shell is ready. */
  prompt?: RegExp;
  /** The guest was restored with a server in its shell. */
  resume: boolean;
  /** A quicker way for files. */
  share?: FileShare;
}

/** @param stream the console, both ways; it is the link's own from now on. */
export function createConsoleLink(stream: Duplex, options: ConsoleLinkOptions): AgentLink {
  return new ConsoleLink(new ConsoleLine(stream), options);
}

class ConsoleLink implements AgentLink {
  readonly chunk = PIECE.most;
  readonly #line: ConsoleLine;
  readonly #getIn: GetIn;
  readonly #folder: SharedFolder;
  #mayResume: boolean;
  #inStep: InStep | undefined;
  #programs = 0;
  #captures = new Set<string>();
  #piece = PIECE.first;

  constructor(line: ConsoleLine, { credentials, prompt, resume, share }: ConsoleLinkOptions) {
    this.#line = line;
    this.#folder = new SharedFolder(share);
    this.#getIn = new GetIn(line, credentials, prompt);
    this.#mayResume = resume;
  }

  /** Gets in, when that is still to be done. */
  async ping(signal: AbortSignal): Promise<void> {
    if (this.#line.lost) throw this.#line.lost;
    if (this.#inStep) return void (await this.#ask(':', signal));
    if (this.#mayResume) this.#inStep = await this.#getIn.resume(signal);
    this.#mayResume = false;
    this.#inStep ??= await this.#getIn.attempt(signal);
  }

  async start(
    argv: readonly string[],
    { env = {}, input, capture }: AgentStartOptions,
    signal: AbortSignal,
  ): Promise<string> {
    this.#programs += 1;
    const handle = String(this.#programs);
    const file = (ending: string) => `$d/${handle}.${ending}`;
    if (input) await this.#write(file('i'), input, false, signal);
    const files = [
      input ? file('i') : '/dev/null',
      ...(capture ? [file('o'), file('e')] : ['/dev/null', '/dev/null']),
    ];
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const words = [...(variables.length === 0 ? [] : ['env', ...variables]), ...argv].map(quotePosix);
    const answer = await this.#ask(
      `keep; go ${handle} ${files.join(' ')} ${words.join(' ')}; started ${handle}`,
      signal,
    );
    if (answer !== 'ok') throw consoleRefused(`start ${argv[0]}`);
    if (capture) this.#captures.add(handle);
    return handle;
  }

  async poll(handle: string, signal: AbortSignal): Promise<AgentPoll> {
    const [state, status = '', ...outputs] = (await this.#ask(`look ${handle}`, signal)).split(' ');
    if (state === 'run') return { exited: false };
    const captured = this.#captures.delete(handle);
    const output = (ending: string) =>
      captured && outputs.includes(ending)
        ? this.#readAll(`$d/${handle}.${ending}`, signal)
        : Buffer.alloc(0);
    const ended = {
      exited: true,
      stdout: await output('o'),
      stderr: await output('e'),
      truncated: false,
    } as const;
    // Without a status its parent was killed as well, by a guest short of memory.
    return state === 'x' ? { ...ended, ...exitOf(Number(status)) } : ended;
  }

  async read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    return this.#read(quotePosix(path), offset, length, signal);
  }

  async write(
    path: string,
    data: Buffer,
    { append }: { append: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#write(quotePosix(path), data, append, signal);
  }

  async close(tidy = false): Promise<void> {
    const server = this.#inStep?.server;
    if (tidy && server && !this.#line.lost) {
      try {
        await server.ask('tidy', AbortSignal.timeout(END_MS));
        await server.end();
      } catch {
        // The guest is gone or busy; the folder goes away with the machine.
      }
    }
    this.#line.close();
  }

  /** @param path a word of the guest's shell. */
  async #read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let at = 0; at < length; ) {
      const piece = await this.#readPiece(path, offset + at, length - at, signal);
      pieces.push(piece);
      at += piece.length;
      if (piece.length === 0) break;
      if (at >= UNMOUNTED_BYTES && at < length) await this.#folder.mount(this.#known().server, signal);
    }
    return Buffer.concat(pieces);
  }

  /** At least one byte, but at the end of the file. */
  async #readPiece(path: string, offset: number, most: number, signal: AbortSignal): Promise<Buffer> {
    if (this.#folder.isMounted && offset > 0) {
      const range = { offset, length: Math.min(this.#folder.most, most) };
      const piece = await this.#folder.read(path, range, this.#known(), signal);
      if (piece?.state === 'missing') throw noFile(path);
      if (piece) return piece.data;
    }
    return this.#readLine(path, offset, Math.min(this.#linePiece, most), signal);
  }

  get #linePiece(): number {
    if (this.#folder.isMounted) return BEGINNING_BYTES;
    return this.#folder.isUntried ? Math.min(this.#piece, UNMOUNTED_BYTES) : this.#piece;
  }

  /** The same by the line. */
  async #readLine(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const { server, tools } = this.#known();
    for (let damaged = 0, asked = length; damaged < MOST_DAMAGED; damaged += 1) {
      const began = performance.now();
      const { text, lines } = await server.ask(`keep; part ${path} ${offset} ${asked}`, signal);
      if (text === 'missing') throw noFile(path);
      if (text === 'empty') return Buffer.alloc(0);
      const data = decodePart(afterBegin(lines), { seal: text, length: asked }, tools);
      if (data) {
        if (asked === this.#piece && performance.now() - began < QUICK_MS)
          this.#piece = Math.min(this.#piece * 2, PIECE.most);
        return data;
      }
      asked = Math.max(Math.ceil(asked / 2), Math.min(asked, PIECE.least));
      this.#piece = Math.max(asked, PIECE.least);
    }
    throw consoleLost('too much is printed on it');
  }

  async #readAll(path: string, signal: AbortSignal): Promise<Buffer> {
    const data = await this.#read(path, 0, MOST_CAPTURED, signal);
    if (data.length >= MOST_CAPTURED) throw outputTooLong(data.length);
    return data;
  }

  /** @param path a word of the guest's shell. */
  async #write(path: string, data: Buffer, append: boolean, signal: AbortSignal): Promise<void> {
    const { tools, server } = this.#known();
    if (data.length >= UNMOUNTED_BYTES) await this.#folder.mount(server, signal);
    if (this.#folder.isMounted && data.length > ESCAPED_BYTES)
      return this.#writeShared(path, data, append, signal);
    const bulk = tools.decodes && data.length > ESCAPED_BYTES;
    const size = bulk ? BULK_BYTES : ESCAPED_BYTES;
    if (!append || data.length === 0)
      await this.#writeEscaped(path, data.subarray(0, bulk ? 0 : size), append, signal);
    for (let at = bulk || append ? 0 : size; at < data.length; at += size) {
      const piece = data.subarray(at, at + size);
      await (bulk ? this.#appendBulk(path, piece, signal) : this.#writeEscaped(path, piece, true, signal));
    }
  }

  async #writeShared(path: string, data: Buffer, append: boolean, signal: AbortSignal): Promise<void> {
    if (!append) await this.#writeEscaped(path, Buffer.alloc(0), false, signal);
    for (let at = 0; at < data.length; at += this.#folder.most) {
      const piece = data.subarray(at, at + this.#folder.most);
      const answer = await this.#folder.append(path, piece, this.#known(), signal);
      if (answer === 'failed') throw consoleRefused(`write ${path}`);
      if (!answer) return this.#write(path, data.subarray(at), true, signal);
    }
  }

  async #writeEscaped(path: string, data: Buffer, append: boolean, signal: AbortSignal): Promise<void> {
    const text = quotePosix(escapeForPrintf(data));
    const answer = await this.#ask(
      `keep; a=failed; { printf %b ${text} >${append ? '>' : ''}${path} && a=ok; } 2>/dev/null`,
      signal,
    );
    if (answer !== 'ok') throw consoleRefused(`write ${path}`);
  }

  async #appendBulk(path: string, data: Buffer, signal: AbortSignal): Promise<void> {
    const { server, tools } = this.#known();
    const script = `keep; take ${path} '${sealOf(tools.seal, data)}'`;
    const input = encodeBulk(data);
    for (let damaged = 0; damaged < MOST_DAMAGED; damaged += 1) {
      const { text } = await server.ask(script, signal, { input });
      if (text === 'ok') return;
      if (text !== 'again') throw consoleRefused(`write ${path}`);
    }
    throw consoleLost('what is sent does not arrive');
  }

  async #ask(script: string, signal: AbortSignal): Promise<string> {
    return (await this.#known().server.ask(script, signal)).text;
  }

  #known(): InStep {
    if (!this.#inStep) throw consoleLost('nobody has logged in');
    return this.#inStep;
  }
}

function noFile(path: string): VmtestError {
  return consoleRefused(`read ${path}: there is no such file`);
}

/** A wait status as the kernel tells it: the signal in the lowest seven bits, else the exit code in the next byte. */
function exitOf(status: number): { exitCode: number } | { signal: number } {
  const signal = status & 0x7f;
  return signal === 0 ? { exitCode: (status >> 8) & 0xff } : { signal };
}

/** What stands after the line that announces a part; without one, the answer was repeated, but not the part. */
function afterBegin(lines: readonly string[]): readonly string[] {
  const begin = lines.findLastIndex((line) => /<\w+\.\d+$/.test(line));
  return begin === -1 ? [] : lines.slice(begin + 1);
}
