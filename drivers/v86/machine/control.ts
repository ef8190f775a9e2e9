/** This process's end of the connection to its driver. */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Message, Request, RequestName, Requests } from '../protocol.ts';

export type Handlers = {
  [N in RequestName]: (args: Requests[N]['arguments']) => Promise<Requests[N]['answer']>;
};

export class Control {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static open(path: string): Promise<Control> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new Control(socket)));
      socket.once('error', reject);
    });
  }

  /** From the beginning: a driver that goes away while a large state is loaded is noticed too. */
  onEnd(listener: () => void): void {
    this.#socket.on('error', () => {}).once('close', listener);
  }

  serve(handlers: Handlers): void {
    createInterface({ input: this.#socket }).on('line', (line) => {
      void this.#answer(JSON.parse(line) as Request, handlers);
    });
  }

  send(message: Message): void {
    if (!this.#socket.destroyed) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  async #answer(request: Request, handlers: Handlers): Promise<void> {
    const { id } = request;
    try {
      const handle = handlers[request.name] as (args: object) => Promise<unknown>;
      this.send({ id, answer: await handle(request.arguments) });
    } catch (error) {
      const { message, code = '' } = error as NodeJS.ErrnoException;
      this.send({ id, error: { code, message } });
    }
  }
}
