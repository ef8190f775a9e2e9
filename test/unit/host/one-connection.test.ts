import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { OneConnection } from '../../../src/host/one-connection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const never = new AbortController().signal;

async function listening(): Promise<{ connection: OneConnection; peer: () => Promise<Socket> }> {
  const path = join(await scratchFolder(), 's');
  const connection = await OneConnection.listen(path);
  onTestFinished(() => connection.close());
  const peer = async () => {
    const socket = connect(path);
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {}).resume();
    await once(socket, 'connect');
    return socket;
  };
  return { connection, peer };
}

/** A peer that has been taken by the listening side, not by the kernel alone. */
async function accepted(peer: Promise<Socket>): Promise<Socket> {
  const socket = await peer;
  for (let turns = 0; turns < 10; turns++) await turn();
  return socket;
}

test('a peer that came before anybody waited for it is there', async () => {
  const { connection, peer } = await listening();
  const other = await accepted(peer());
  const socket = await connection.accept(never);
  other.write('hello');
  expect(`${(await once(socket, 'data'))[0]}`).toBe('hello');
  socket.destroy();
});

test('a peer that comes later is waited for, and is the caller’s even when nobody listens any more', async () => {
  const { connection, peer } = await listening();
  const accepting = connection.accept(never);
  const other = await peer();
  const socket = await accepting;
  connection.close();
  socket.write('hello');
  expect(`${(await once(other, 'data'))[0]}`).toBe('hello');
  socket.destroy();
});

test('the wait ends with its signal, and who comes then is hung up on', async () => {
  const { connection, peer } = await listening();
  const abort = new AbortController();
  const accepting = connection.accept(abort.signal);
  abort.abort(new Error('enough'));
  await expect(accepting).rejects.toThrow('enough');
  const other = await accepted(peer());
  const closed = once(other, 'close');
  connection.close();
  await closed;
});

test('a second peer is turned away', async () => {
  const { connection, peer } = await listening();
  const first = await accepted(peer());
  await once(await peer(), 'close');
  const socket = await connection.accept(never);
  first.write('hello');
  expect(`${(await once(socket, 'data'))[0]}`).toBe('hello');
  socket.destroy();
});

test('a path that is taken is an error', async () => {
  const path = join(await scratchFolder(), 's');
  const connection = await OneConnection.listen(path);
  onTestFinished(() => connection.close());
  await expect(OneConnection.listen(path)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
