/** The driver's end of the connection to a machine's process; the protocol is in `protocol.ts`. */
import type { Socket } from 'node:net';
import { withDeadline } from '../../src/host/deadline.ts';
import { VmtestError } from '../../src/host/errors.ts';
import { explain } from './errors.ts';
import { IS_ANSWER, type RequestName, type Requests } from './protocol.ts';

interface Waiting {
  name: RequestName;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** All but one are answered between two slices of the processor: some milliseconds, more on a busy host. */
const ANSWER_MS = 60_000;
/** Writes the whole memory of the machine. */
const SAVE_MS = 600_000;

export class ControlLink {
  /** Resolves when the machine is loaded; never, when its process ends before. Rejects when that says that it cannot, or nonsense. */
  readonly ready: Promise<void>;
  /** Resolves with why the machine runs no further, as its process says. */
  readonly dead: Promise<string>;
  /** Told of every restart of the guest. */
  onRestart: () => void = () => {};
  readonly #socket: Socket;
  #whyClosed: () => Promise<VmtestError>;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #rest = '';
  #tellReady: () => void = () => {};
  #refuse: (error: VmtestError) => void = () => {};
  #tellDead: (why: string) => void = () => {};

  /** @param whyClosed what a request that got no answer is rejected with. */
  constructor(socket: Socket, whyClosed: () => Promise<VmtestError>) {
    this.#socket = socket;
    this.#whyClosed = whyClosed;
    this.ready = new Promise((resolve, reject) => {
      this.#tellReady = resolve;
      this.#refuse = reject;
    });
    // Nobody may be waiting for it any more.
    this.ready.catch(() => {});
    this.dead = new Promise((resolve) => {
      this.#tellDead = resolve;
    });
    socket.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    socket.on('error', () => {}).once('close', () => void this.#giveUp());
  }

  /**
   * @throws VmtestError `V86_REQUEST_FAILED` when the machine's process could not do it, what `whyClosed` says when it is
   * gone, `TIMEOUT` when it does not answer, the signal's reason.
   */
  request<N extends RequestName>(
    name: N,
    args: Requests[N]['arguments'],
    signal: AbortSignal,
  ): Promise<Requests[N]['answer']> {
    const ms = name === 'save' ? SAVE_MS : ANSWER_MS;
    const what = `the answer to "${name}" of the machine's process`;
    return withDeadline(signal, ms, what, (deadline) => this.#ask(name, args, deadline));
  }

  #ask<N extends RequestName>(
    name: N,
    args: Requests[N]['arguments'],
    signal: AbortSignal,
  ): Promise<Requests[N]['answer']> {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      const abort = () => done(() => reject(signal.reason));
      const done = (settle: () => void) => {
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(id);
        settle();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.set(id, {
        name,
        resolve: (answer) => done(() => resolve(answer as Requests[N]['answer'])),
        reject: (error) => done(() => reject(error)),
      });
      if (this.#socket.destroyed) void this.#giveUp();
      else this.#socket.write(`${JSON.stringify({ id, name, arguments: args })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Half a line at the end is of a process that was killed, and no garbage. */
  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#receive(line);
  }

  #receive(line: string): void {
    const { id, event, answer, error, why } = parse(line);
    const waiting = this.#waiting.get(Number(id));
    if (event === 'ready') this.#tellReady();
    else if (event === 'restarted') this.onRestart();
    else if (event === 'dead') this.#die(String(why));
    else if (waiting && IS_ANSWER[waiting.name](answer)) waiting.resolve(answer);
    else if (isFailure(error)) waiting?.reject(requestFailed(error));
    // An answer that nobody waits for any more is none of our business.
    else if (waiting || typeof id !== 'number') this.#hangUp(garbage(line));
  }

  /** Refusing comes to nothing once the machine was loaded. */
  #die(why: string): void {
    this.#tellDead(why);
    this.#refuse(explain(why, { code: 'V86_START_FAILED', doing: 'starting the machine' }));
  }

  /** On a process that is not what it was. It ends when the connection does. */
  #hangUp(error: VmtestError): void {
    this.#whyClosed = async () => error;
    this.#refuse(error);
    this.#socket.destroy();
  }

  async #giveUp(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const error = await this.#whyClosed();
    for (const { reject } of [...this.#waiting.values()]) reject(error);
  }
}

/** Nothing for what is no message. */
function parse(line: string): Record<string, unknown> {
  try {
    return (JSON.parse(line) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

interface Failure {
  code: string;
  message: string;
}

function isFailure(error: unknown): error is Failure {
  return typeof (error as Partial<Failure> | null | undefined)?.message === 'string';
}

/** Characters of a line that is told to people. */
const SHOWN = 80;

function garbage(line: string): VmtestError {
  const said = JSON.stringify(line.slice(0, SHOWN));
  return new VmtestError('V86_GARBAGE', `the machine's process said what makes no sense: ${said}`, {
    retryable: true,
  });
}

function requestFailed({ code, message }: Failure): VmtestError {
  if (code === 'ENOSPC') {
    return new VmtestError('DISK_FULL', 'the disk of this host is full', {
      hint: 'Free some space: `vmtest clean` takes away what dead runs left.',
      details: message,
    });
  }
  return new VmtestError('V86_REQUEST_FAILED', `the machine's process could not do it: ${message}`);
}
