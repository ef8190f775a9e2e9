/**
 * A unix socket that is listened to for one peer: a program that was told to connect to it. The peer may be faster than
 * whoever waits for it (who has a lease to write first, on a disk that is slow today), and it may come when nobody waits any more.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { abortable } from './abortable.ts';

export class OneConnection {
  readonly #server: Server;
  readonly #came: Promise<Socket>;
  #socket: Socket | undefined;
  #isTaken = false;

  /** Listens as soon as this resolves. @throws the system's error, for a path that is taken or too long, say. */
  static async listen(path: string): Promise<OneConnection> {
    const server = createServer();
    const connection = new OneConnection(server);
    server.listen(path);
    await once(server, 'listening');
    return connection;
  }

  private constructor(server: Server) {
    this.#server = server;
    this.#came = new Promise((resolve) => {
      server.on('connection', (socket) => {
        // Whoever comes second is turned away.
        if (this.#socket) return socket.destroy();
        this.#socket = socket;
        // One that breaks before it is taken must not end this process.
        socket.on('error', () => {});
        resolve(socket);
      });
    });
  }

  /** Waits for the peer, and hands it out, also when it came before. The socket is the caller's then. @throws the signal's reason. */
  async accept(signal: AbortSignal): Promise<Socket> {
    const socket = await abortable(this.#came, signal);
    this.#isTaken = true;
    return socket;
  }

  /** Listens no longer. A peer that nobody took is hung up on: as nobody reads from it, its end would never be noticed. */
  close(): void {
    this.#server.close();
    if (!this.#isTaken) this.#socket?.destroy();
  }
}
