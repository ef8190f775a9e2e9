/** Unix sockets: the limit on their paths, and connecting to one whose server is just starting. */
import { connect, type Socket } from 'node:net';
import { sleep } from '../../src/host/deadline.ts';

/** Bytes of `sun_path` less the closing zero: 108 on Linux, 104 on macOS and the BSDs. */
export const LONGEST_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;

export function fitsSocketPath(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH;
}

/**
 * QEMU makes its sockets some 25 ms after its start on an idle host. Looking often costs nothing at first, and saves most
 * of a wait; a server that takes long may be looked for less often.
 */
const POLL_MS = { first: 2, later: 25, patience: 200 };

/** The last: too many wait for it. */
const NOT_YET: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'EAGAIN']);

/** Connects as soon as there is a server. The signal is the deadline. */
export async function connectWhenThere(path: string, signal: AbortSignal): Promise<Socket> {
  const hurryUntil = performance.now() + POLL_MS.patience;
  for (;;) {
    signal.throwIfAborted();
    const socket = await tryConnect(path);
    if (socket) return socket;
    const pause = performance.now() < hurryUntil ? POLL_MS.first : POLL_MS.later;
    await sleep(pause, signal, `somebody who listens at ${path}`);
  }
}

/** The socket, or undefined when nobody serves it yet. */
function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      // QEMU resets connections when it ends; one that nobody reads any more must not end this process.
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (NOT_YET.has(error.code ?? '')) resolve(undefined);
      else reject(error);
    });
  });
}
