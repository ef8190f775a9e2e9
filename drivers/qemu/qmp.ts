/**
 * QEMU's control protocol (QMP): one JSON document a line. A greeting comes first, then capabilities are negotiated, then
 * replies carry the id of their command, with events in between. The server has one client at a time: a second one is
 * accepted by the socket but gets no greeting until the first has left.
 */
import type { Duplex } from 'node:stream';
import { timeoutError, VmtestError } from '../../src/host/errors.ts';
import { waitsFor } from '../../src/host/waits.ts';
import { explain } from './errors.ts';

export interface QmpEvent {
  event: string;
  data: Record<string, unknown>;
}

export interface Qmp {
  /**
   * Runs a command and answers with what it returns.
   * @throws VmtestError as `errors.ts` codes it, else `QMP_COMMAND_FAILED`; `TIMEOUT`; or what `onClosed` says when QEMU is gone.
   */
  execute(command: string, args?: Record<string, unknown>, options?: ExecuteOptions): Promise<unknown>;
  /** Calls back for every event from now on, until the function returned is called. */
  on(listener: (event: QmpEvent) => void): () => void;
  /**
   * Resolves with the first event from now on that fits. The caller's signal is the deadline.
   * @param what names it, for that deadline.
   */
  next(what: string, fits: (event: QmpEvent) => boolean, signal: AbortSignal): Promise<QmpEvent>;
  close(): void;
}

export interface ExecuteOptions {
  signal?: AbortSignal;
  /** Milliseconds. Default: 30 s; QEMU answers in one, but a starved host is slow. */
  timeout?: number;
}

const COMMAND_MS = 30_000;
const GREETING_MS = 30_000;
/** QEMU's longest honest answers are some 200 kB (`query-qmp-schema`). */
const LONGEST_LINE = 16 * 1024 ** 2;

/** Characters of a line that is told to people. */
const SHOWN = 80;

interface Pending {
  command: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * Speaks QMP over a connected stream. `onClosed` makes the error for everything that waits when the stream ends, so that
 * it can tell what QEMU said last.
 */
export async function openQmp(
  stream: Duplex,
  signal: AbortSignal,
  onClosed: () => Promise<VmtestError> = async () => gone(),
): Promise<Qmp> {
  const client = new QmpClient(stream, onClosed);
  try {
    await client.greeting(signal);
    await client.execute('qmp_capabilities', undefined, { signal });
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

class QmpClient implements Qmp {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  readonly #closing = new Set<(error: VmtestError) => void>();
  readonly #greeted: Promise<void>;
  #greet: () => void = () => {};
  #lastId = 0;
  #rest = '';
  #closed: Promise<VmtestError> | undefined;

  constructor(stream: Duplex, onClosed: () => Promise<VmtestError>) {
    this.#stream = stream;
    this.#greeted = new Promise((resolve) => {
      this.#greet = resolve;
    });
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#read(text));
    // An error is followed by 'close', and why the stream broke is best told by the process at its other end.
    stream.on('error', () => {});
    stream.on('close', () => this.#end(onClosed));
  }

  greeting(signal: AbortSignal): Promise<void> {
    return this.#wait('the greeting of QEMU', GREETING_MS, signal, (resolve) => {
      void this.#greeted.then(resolve);
      return () => {};
    });
  }

  execute(
    command: string,
    args?: Record<string, unknown>,
    { signal, timeout = COMMAND_MS }: ExecuteOptions = {},
  ): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return this.#wait(`the command ${command} of QEMU`, timeout, signal, (resolve, reject) => {
      this.#pending.set(id, { command, resolve, reject });
      this.#stream.write(`${JSON.stringify({ execute: command, ...(args && { arguments: args }), id })}\r\n`);
      return () => this.#pending.delete(id);
    });
  }

  on(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  next(what: string, fits: (event: QmpEvent) => boolean, signal: AbortSignal): Promise<QmpEvent> {
    return this.#wait(what, undefined, signal, (resolve) =>
      this.on((event) => {
        if (fits(event)) resolve(event);
      }),
    );
  }

  close(): void {
    this.#stream.destroy();
  }

  /** One wait: ended by its answer, by its deadline, by the signal or by the end of the stream, whichever is first. */
  async #wait<T>(
    what: string,
    timeout: number | undefined,
    signal: AbortSignal | undefined,
    begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
  ): Promise<T> {
    signal?.throwIfAborted();
    if (this.#closed) throw await this.#closed;
    const undo = [waitsFor(signal, what)];
    try {
      return await new Promise<T>((resolve, reject) => {
        undo.push(begin(resolve, reject));
        this.#closing.add(reject);
        undo.push(() => this.#closing.delete(reject));
        if (timeout !== undefined) {
          const timer = setTimeout(() => reject(timeoutError(what, timeout)), timeout);
          undo.push(() => clearTimeout(timer));
        }
        const abort = () => reject(signal?.reason);
        signal?.addEventListener('abort', abort, { once: true });
        undo.push(() => signal?.removeEventListener('abort', abort));
      });
    } finally {
      for (const step of undo) step();
    }
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') this.#receive(line);
    if (this.#rest.length > LONGEST_LINE) this.#stream.destroy();
  }

  #receive(line: string): void {
    const message = parse(line);
    if (message === undefined) {
      this.#hangUp(noQmp(line));
    } else if ('QMP' in message) {
      this.#greet();
    } else if (typeof message['event'] === 'string') {
      const event = { event: message['event'], data: (message['data'] ?? {}) as Record<string, unknown> };
      for (const listener of [...this.#listeners]) listener(event);
    } else if (message['id'] !== undefined) {
      this.#answer(message);
    } else {
      this.#hangUp(noQmp(line));
    }
  }

  #hangUp(error: VmtestError): void {
    this.#end(async () => error);
    this.#stream.destroy();
  }

  /** Answers to commands that nobody waits for any more are dropped. */
  #answer(message: Record<string, unknown>): void {
    const pending = this.#pending.get(Number(message['id']));
    if (!pending) return;
    if ('return' in message) pending.resolve(message['return']);
    else pending.reject(refused(pending.command, message['error']));
  }

  #end(onClosed: () => Promise<VmtestError>): void {
    this.#closed ??= onClosed();
    void this.#closed.then((error) => {
      for (const reject of [...this.#closing]) reject(error);
    });
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null ? (message as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function refused(command: string, error: unknown): VmtestError {
  const { class: kind, desc } = (error ?? {}) as Record<string, unknown>;
  const words = [desc, kind].find((word) => typeof word === 'string');
  return explain(String(words ?? ''), {
    code: 'QMP_COMMAND_FAILED',
    doing: `the command ${command} of QEMU`,
  });
}

/** From a QEMU that is not what it was: nothing further that it says is believed. */
function noQmp(line: string): VmtestError {
  const said = JSON.stringify(line.trim().slice(0, SHOWN));
  return new VmtestError('QMP_GARBAGE', `QEMU said what is no QMP on its control socket: ${said}`, {
    retryable: true,
  });
}

function gone(): VmtestError {
  return new VmtestError('QEMU_GONE', 'the connection to QEMU ended', { retryable: true });
}
