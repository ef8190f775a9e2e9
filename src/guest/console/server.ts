/** The server in the guest's shell, as this host talks to it: one request at a time, each until it is answered. */

import { abortable } from '../../host/abortable.ts';
import { linkSignal, sleep } from '../../host/deadline.ts';
import { consoleLost } from './errors.ts';
import type { ConsoleLine } from './line.ts';
import { Pacer } from './pacer.ts';
import { DAMAGED, encodeRequest, isBroken, parseAnswer } from './wire.ts';

/** Milliseconds. A starved, emulated guest may take seconds for a piece of a file. */
const CALL_MS = 60_000;
/** Before a request is sent again; doubles. It costs nothing but a line when the guest was only slow. */
const FIRST_RESEND_MS = 2_000;

/** Ends what a program reads from the terminal (VEOF); stands on a line of its own. */
const END_OF_FILE = '\x04';

export interface Asked {
  text: string;
  /** Lines that were printed before the answer, noise included. */
  lines: readonly string[];
}

export interface AskOptions {
  /** Lines for a program that the request starts, which are followed by an end of file. */
  input?: readonly string[];
  /** Milliseconds. Default: 60 s. */
  deadline?: number;
}

/** Lines kept for one answer. What a part of a file needs is far less. */
const MOST_LINES = 64 * 1024;

export class ConsoleServer {
  readonly #line: ConsoleLine;
  readonly #pacer: Pacer;
  readonly #nonce: string;
  #requests = 0;
  #lines: string[] = [];
  #waiting: { id: string; answered: (text: string) => void } | undefined;
  /** What we sent, and only an echo or a shell's complaint would print. */
  #unechoed: string | undefined;
  #onEcho: () => void = () => {};
  /** Settles when the request before has. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(line: ConsoleLine, nonce: string) {
    this.#line = line;
    this.#nonce = nonce;
    this.#pacer = new Pacer(line);
    line.onLine = (text) => this.#read(text);
  }

  /** False: the terminal's echo is off. What we sent and comes back means then that somebody else is there. */
  echoes = true;

  /** The server can decode base64. */
  decodes = false;

  /**
   * Runs a script in the guest's shell. Rejects soon after the signal aborts, while the request itself goes on: the next
   * one waits for it.
   * @throws VmtestError `GUEST_CONSOLE_LOST`, also when the deadline passes.
   */
  async ask(script: string, signal: AbortSignal, options: AskOptions = {}): Promise<Asked> {
    signal.throwIfAborted();
    this.#requests += 1;
    const id = `${this.#nonce}.${this.#requests}`;
    const work = this.#afterOthers(() => this.#exchange(id, script, options), signal);
    return abortable(work, signal);
  }

  /** Starts the server by these lines, which end in its first answer. */
  async begin(lines: readonly string[], deadline: number): Promise<string> {
    const id = `${this.#nonce}.0`;
    const send = (again: boolean) => this.#pacer.send(again ? encodeRequest(id, '').lines : lines);
    return (await this.#await(id, deadline, send)).text;
  }

  /** Ends the server; the shell from before goes on. */
  async end(): Promise<void> {
    await this.#line.write('exit\n');
  }

  async #afterOthers<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.#before;
    const mine = (async () => {
      await before;
      // Given up while it waited.
      signal.throwIfAborted();
      return work();
    })();
    this.#before = mine.catch(() => {});
    return mine;
  }

  async #exchange(id: string, script: string, options: AskOptions): Promise<Asked> {
    const request = encodeRequest(id, script, this.decodes && !options.input);
    const input = options.input ?? request.input;
    // A shell's complaint names the first word.
    this.#unechoed = request.lines.at(-1)?.split(' ')[0];
    const send = async (again: boolean) => {
      // A program may still wait for the end of its input, or half a line be in the terminal.
      if (again) await this.#line.write(input ? `\n${END_OF_FILE}\n` : '\n');
      await this.#pacer.send([...request.lines, ...(input ?? [])]);
      if (input) await this.#line.write(END_OF_FILE);
    };
    return this.#await(id, options.deadline ?? CALL_MS, send);
  }

  async #await(id: string, deadline: number, send: (again: boolean) => Promise<void>): Promise<Asked> {
    const link = linkSignal(this.#line.ended);
    const timer = setTimeout(
      () => link.abort(consoleLost(`a request was not answered within ${deadline / 1000} s`)),
      deadline,
    );
    this.#onEcho = () => link.abort(consoleLost('its shell is not ours any more'));
    try {
      return await this.#untilAnswered(id, send, link.signal);
    } finally {
      this.#onEcho = () => {};
      this.#waiting = undefined;
      clearTimeout(timer);
      link.unlink();
      // Ends what still waits to send again.
      link.abort(new Error('answered'));
    }
  }

  async #untilAnswered(
    id: string,
    send: (again: boolean) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Asked> {
    for (let pause = FIRST_RESEND_MS, again = false; ; again = true) {
      this.#lines = [];
      const answer = new Promise<string>((answered) => {
        this.#waiting = { id, answered };
      });
      const sent = send(again);
      sent.catch(() => {});
      const patience = sent.then(() => sleep(pause, signal)).then(() => undefined);
      patience.catch(() => {});
      const first = await abortable(Promise.race([answer, patience]), signal);
      // All of it must have left before anything else may be sent.
      await abortable(sent, signal);
      if (first === undefined) pause *= 2;
      else if (first !== DAMAGED) return { text: first, lines: this.#lines };
    }
  }

  #read(text: string): void {
    this.#pacer.acknowledge();
    const answer = parseAnswer(text);
    if (this.#waiting && (answer ? answer.id === this.#waiting.id : isBroken(text, this.#waiting.id)))
      this.#waiting.answered(answer?.text ?? DAMAGED);
    if (answer) return;
    if (!this.echoes && this.#unechoed !== undefined && text.includes(this.#unechoed)) this.#onEcho();
    if (this.#lines.length < MOST_LINES) this.#lines.push(text);
  }
}
