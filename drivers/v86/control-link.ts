/** The driver's end of the connection to a machine's process; the protocol is in `protocol.ts`. */
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { VmtestError } from '../../src/host/errors.ts';
import type { Message, RequestName, Requests } from './protocol.ts';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Listens before the process starts, so that nobody has to look again and again whether it is there. */
export async function listen(path: string): Promise<Server> {
  const server = createServer();
  // One machine, one connection: whoever comes second is turned away.
  server.maxConnections = 1;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return server;
}

export class ControlLink {
  /** Resolves when the machine is loaded; never, when its process ends before. */
  readonly ready: Promise<void>;
  /** Resolves with why the machine runs no further, as its process says. */
  readonly dead: Promise<string>;
  readonly #socket: Socket;
  readonly #whyClosed: () => Promise<VmtestError>;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #tellReady: () => void = () => {};
  #tellDead: (why: string) => void = () => {};

  /** @param whyClosed what a request that got no answer is rejected with. */
  constructor(socket: Socket, whyClosed: () => Promise<VmtestError>) {
    this.#socket = socket;
    this.#whyClosed = whyClosed;
    this.ready = new Promise((resolve) => {
      this.#tellReady = resolve;
    });
    this.dead = new Promise((resolve) => {
      this.#tellDead = resolve;
    });
    createInterface({ input: socket }).on('line', (line) => this.#receive(JSON.parse(line) as Message));
    socket.on('error', () => {}).once('close', () => void this.#giveUp());
  }

  /**
   * @throws VmtestError `V86_REQUEST_FAILED` when the machine's process could not do it, what `whyClosed` says when it is
   * gone, the signal's reason.
   */
  request<N extends RequestName>(
    name: N,
    args: Requests[N]['arguments'],
    signal: AbortSignal,
  ): Promise<Requests[N]['answer']> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const id = this.#next++;
      const abort = () => done(() => reject(signal.reason));
      const done = (settle: () => void) => {
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(id);
        settle();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.set(id, {
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

  #receive(message: Message): void {
    if ('event' in message) {
      if (message.event === 'ready') this.#tellReady();
      else this.#tellDead(message.why);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if ('answer' in message) waiting?.resolve(message.answer);
    else waiting?.reject(requestFailed(message.error));
  }

  async #giveUp(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const error = await this.#whyClosed();
    for (const { reject } of [...this.#waiting.values()]) reject(error);
  }
}

function requestFailed({ code, message }: { code: string; message: string }): VmtestError {
  if (code === 'ENOSPC') {
    return new VmtestError('DISK_FULL', 'the disk of this host is full', {
      hint: 'Free some space: `vmtest clean` takes away what dead runs left.',
      details: message,
    });
  }
  return new VmtestError('V86_REQUEST_FAILED', `the machine's process could not do it: ${message}`);
}
