/** QMP and the guest agent with nothing around them: one line out, one line back. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

interface Message {
  id?: number;
  return?: unknown;
  error?: { desc: string };
  event?: string;
  data?: Record<string, unknown>;
}

export async function connectSoon(path: string): Promise<Socket> {
  for (;;) {
    const socket = await new Promise<Socket | undefined>((resolve) => {
      const trying = connect(path, () => resolve(trying));
      trying.once('error', () => resolve(undefined));
    });
    if (socket) return socket;
    await delay(2);
  }
}

/** Commands by id, events by name. */
export class Line {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, (message: Message) => void>();
  #rest = '';
  #last = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#receive(line.replace('\xff', '').trim());
    });
    socket.on('error', () => {});
  }

  /** `id` is for QMP; the agent answers in order. */
  async call(execute: string, args?: object): Promise<unknown> {
    const id = ++this.#last;
    const answer = this.wait(String(id));
    this.#socket.write(`${JSON.stringify({ execute, ...(args && { arguments: args }), id })}\n`);
    const { error, return: value } = await answer;
    if (error) throw new Error(`${execute}: ${error.desc}`);
    return value;
  }

  wait(name: string): Promise<Message> {
    return new Promise((resolve) => this.#waiting.set(name, resolve));
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(line: string): void {
    if (line === '') return;
    const message = JSON.parse(line) as Message;
    // Of all migration events only the last is waited for.
    if (message.event === 'MIGRATION' && message.data?.['status'] !== 'completed') return;
    const name = message.event ?? String(message.id);
    this.#waiting.get(name)?.(message);
    this.#waiting.delete(name);
  }
}
