/** A port of this host that leads to a port of the guest, through v86's emulated router. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Emulator, GuestConnection } from './emulator.ts';

/** Bytes that may wait for the guest: the router sends a packet at a time, and its buffer knows no limit. */
const WAITING = 64 * 1024;
const LOOK_MS = 2;

/** Listens on a port that the kernel chooses, on the loopback address only. */
export async function forwardPort(emulator: Emulator, guestPort: number): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => join(emulator, guestPort, socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

function join(emulator: Emulator, guestPort: number, socket: Socket): void {
  socket.on('error', () => {});
  const guest = emulator.network_adapter?.connect(guestPort);
  if (!guest) {
    socket.destroy();
    return;
  }
  guest.on('connect', () => void send(socket, guest));
  guest.on('data', (data) => socket.write(Buffer.from(data)));
  guest.on('shutdown', () => socket.end());
  guest.on('close', () => socket.destroy());
  socket.once('close', () => guest.close());
}

async function send(socket: Socket, guest: GuestConnection): Promise<void> {
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      while (guest.send_buffer.length > WAITING && !socket.destroyed) await pause();
      guest.write(chunk);
    }
  } catch {
    // The other side is gone; 'close' follows.
  }
  guest.close();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
