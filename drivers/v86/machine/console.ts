/**
 * The serial console: its bytes go to the log and to whoever is connected to its socket, and theirs to the guest.
 * Neither side can make this process hold more than a bounded amount: a client that does not read stops the guest's
 * processor, as a terminal with flow control would, and a guest that does not read stops the client.
 */
import { createServer, type Socket } from 'node:net';
import { ConsoleLog } from './console-log.ts';
import type { Emulator } from './emulator.ts';
import { findPanic } from './panic.ts';

/** Bytes that may wait for a client before the guest is stopped, and at which it goes on. */
const UNREAD = { stop: 1024 ** 2, resume: 64 * 1024 };
/** Bytes handed to the serial port at a time, once it is empty: a quarter of its queue. */
const PIECE = 1024;
/** How often to look whether the guest has read, while there is more for it. */
const LOOK_MS = 1;

export interface ConsoleOptions {
  emulator: Emulator;
  log: string;
  /** Stops and continues the guest's processor. */
  hold(stopped: boolean): void;
  /** Told once when the guest's kernel says that it has panicked. */
  onPanic(why: string): void;
}

export class Console {
  readonly #options: ConsoleOptions;
  readonly #log: ConsoleLog;
  readonly #clients = new Set<Socket>();
  #output: number[] = [];
  /** The end of what was printed, in which a panic may begin. */
  #tail = '';

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#log = new ConsoleLog(options.log);
    options.emulator.add_listener('serial0-output-byte', (byte) => this.#collect(byte));
  }

  listen(path: string): Promise<void> {
    const server = createServer((socket) => this.#serve(socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  }

  /** A byte at a time comes from the emulator; a slice of its work is handed on at once. */
  #collect(byte: number): void {
    this.#output.push(byte);
    if (this.#output.length === 1) setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#output.length === 0) return;
    const data = Buffer.from(this.#output);
    this.#output = [];
    this.#log.append(data);
    this.#watchForPanic(data);
    for (const client of this.#clients) client.write(data);
    if (this.#unread() > UNREAD.stop) this.#options.hold(true);
  }

  #watchForPanic(data: Buffer): void {
    const text = this.#tail + data.toString('latin1');
    const why = findPanic(text);
    if (why !== undefined) this.#options.onPanic(why);
    this.#tail = text.slice(-1024);
  }

  #serve(socket: Socket): void {
    this.#clients.add(socket);
    const gone = () => {
      this.#clients.delete(socket);
      this.#resume();
    };
    socket.on('close', gone).on('error', () => {});
    socket.on('drain', () => this.#resume());
    void this.#feed(socket);
  }

  /** One piece after another, each when the guest has taken the one before. */
  async #feed(socket: Socket): Promise<void> {
    const { input } = this.#options.emulator.v86.cpu.devices.uart0;
    try {
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length; at += PIECE) {
          while (input.length > 0 && !socket.destroyed) await pause();
          this.#options.emulator.serial_send_bytes(0, chunk.subarray(at, at + PIECE));
        }
      }
    } catch {
      // The client is gone, which 'close' has told already.
    }
  }

  #resume(): void {
    if (this.#unread() <= UNREAD.resume) this.#options.hold(false);
  }

  #unread(): number {
    return Math.max(0, ...[...this.#clients].map(({ writableLength }) => writableLength));
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
