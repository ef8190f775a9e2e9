/** Unix sockets: the limit on their paths, and connecting to one whose server is just starting. */
import { connect, type Socket } from 'node:net';
import { sleep } from '../../src/host/deadline.ts';

/** Bytes of `sun_path` less the closing zero: 108 on Linux, 104 on macOS and the BSDs. */
export const LONGEST_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;

export function fitsSocketPath(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH;
}

/** QEMU makes its sockets within 25 ms on an idle host; looking often at first costs nothing and saves most of a wait. */
const POLL_MS = { first: 2, last: 50 };

/** Connects as soon as there is a server. The signal is the deadline. */
export async function connectWhenThere(path: string, signal: AbortSignal): Promise<Socket> {
  for (let pause = POLL_MS.first; ; pause = Math.min(pause * 1.2, POLL_MS.last)) {
    signal.throwIfAborted();
    const socket = await tryConnect(path);
    if (socket) return socket;
    await sleep(pause, signal);
  }
}

/** The socket, or undefined when nobody serves it yet. */
function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
  });
}
