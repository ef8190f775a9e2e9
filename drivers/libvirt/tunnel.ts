/** A port of this host that leads to an address which only another host can reach. */
import { createServer, type Socket } from 'node:net';
import type { Argv } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';

export interface Tunnel {
  /** Of 127.0.0.1; the kernel chose it. */
  port: number;
  /** Nobody gets in any more. Connections end with whoever made them. */
  close(): void;
}

/** @param command started for each connection, whose two directions are its input and output. */
export async function openTunnel({ spawn }: Pick<Host, 'spawn'>, command: Argv): Promise<Tunnel> {
  const server = createServer((socket) => {
    // It may break at any time; the other end then sees that it is closed.
    socket.on('error', () => {});
    carry(spawn, command, socket).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  // A run that has ended does not wait for it.
  server.unref();
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return { port: address.port, close: () => server.close() };
}

async function carry(spawn: Host['spawn'], command: Argv, socket: Socket): Promise<void> {
  const child = await spawn(command, { pipes: true });
  socket.once('close', () => child.kill('SIGTERM'));
  if (socket.destroyed) child.kill('SIGTERM');
  if (!child.pipes) throw new TypeError('it was started with pipes');
  const { stdin, stdout, stderr } = child.pipes;
  stderr.resume();
  stdin.on('error', () => {});
  socket.pipe(stdin);
  stdout.pipe(socket);
}
