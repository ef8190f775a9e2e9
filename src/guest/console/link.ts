/**
 * A console as an `AgentLink`: programs, their ends, and files, by the server in the guest's shell. All that builds on an
 * engine's agent works over it: other users, outputs that grow, trees of files.
 */
import type { Duplex } from 'node:stream';
import type { AgentLink, AgentPoll, AgentStartOptions, Credentials, FileShare } from '../channel.ts';
import { quotePosix } from '../shell/quote.ts';
import { outputTooLong } from '../transport.ts';
import { consoleLost, consoleRefused, IS_THERE_ROOM } from './errors.ts';
import { ConsoleFiles, MOST_PIECE } from './files.ts';
import { GetIn, type InStep } from './get-in.ts';
import { ConsoleLine } from './line.ts';

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
  readonly chunk = MOST_PIECE;
  readonly #line: ConsoleLine;
  readonly #getIn: GetIn;
  readonly #files: ConsoleFiles;
  #mayResume: boolean;
  #inStep: InStep | undefined;
  #programs = 0;
  /** By handle: files of the guest as words of its shell. */
  readonly #running = new Map<string, { captured: readonly string[]; ahead: readonly string[] }>();

  constructor(line: ConsoleLine, { credentials, prompt, resume, share }: ConsoleLinkOptions) {
    this.#line = line;
    this.#files = new ConsoleFiles(share, () => this.#known());
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
    { input, capture, outputs = [] }: AgentStartOptions,
    signal: AbortSignal,
  ): Promise<string> {
    this.#programs += 1;
    const handle = String(this.#programs);
    const file = (ending: string) => `$d/${handle}.${ending}`;
    if (input) await this.#files.write(file('i'), input, false, signal);
    const captured = capture ? [file('o'), file('e')] : [];
    const files = [input ? file('i') : '/dev/null', ...(capture ? captured : ['/dev/null', '/dev/null'])];
    // What needs quotes is read later, as any file.
    const ahead = [...captured, ...outputs.filter((path) => quotePosix(path) === path)];
    const words = argv.map(quotePosix);
    const answer = await this.#ask(
      `go ${handle} ${files.join(' ')} ${words.join(' ')}; started ${handle}; w${handle}="${ahead.join(' ')}"`,
      signal,
    );
    if (answer !== 'ok') throw consoleRefused(`start ${argv[0]}`, IS_THERE_ROOM);
    this.#running.set(handle, { captured, ahead });
    return handle;
  }

  async poll(handle: string, signal: AbortSignal): Promise<AgentPoll> {
    const [end = '', ...beginnings] = (await this.#ask(`look ${handle}`, signal)).split('|');
    const [state, status] = end.split(' ');
    if (state === 'run') return { exited: false };
    const { captured, ahead } = this.#running.get(handle) ?? { captured: [], ahead: [] };
    this.#running.delete(handle);
    for (const [index, text] of beginnings.entries()) this.#files.expect(ahead[index] ?? '', text);
    const [stdout, stderr] = captured;
    const ended = {
      exited: true,
      stdout: await this.#captured(stdout, signal),
      stderr: await this.#captured(stderr, signal),
      truncated: false,
    } as const;
    // Without a status its parent was killed as well, by a guest short of memory.
    return state === 'x' ? { ...ended, ...exitOf(Number(status)) } : ended;
  }

  async read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    return this.#files.read(quotePosix(path), offset, length, signal);
  }

  async write(
    path: string,
    data: Buffer,
    { append }: { append: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#files.write(quotePosix(path), data, append, signal);
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

  async #captured(path: string | undefined, signal: AbortSignal): Promise<Buffer> {
    if (path === undefined) return Buffer.alloc(0);
    const data = await this.#files.read(path, 0, MOST_CAPTURED, signal);
    if (data.length >= MOST_CAPTURED) throw outputTooLong(data.length);
    return data;
  }

  async #ask(script: string, signal: AbortSignal): Promise<string> {
    return (await this.#known().server.ask(script, signal)).text;
  }

  #known(): InStep {
    if (!this.#inStep) throw consoleLost('nobody has logged in');
    return this.#inStep;
  }
}

/** A wait status as the kernel tells it: the signal in the lowest seven bits, else the exit code in the next byte. */
function exitOf(status: number): { exitCode: number } | { signal: number } {
  const signal = status & 0x7f;
  return signal === 0 ? { exitCode: (status >> 8) & 0xff } : { signal };
}
