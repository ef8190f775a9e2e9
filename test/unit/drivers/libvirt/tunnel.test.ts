import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { openTunnel } from '../../../../drivers/libvirt/tunnel.ts';
import { createHost } from '../../../../src/host/create-host.ts';

const host = createHost();

test('carries both directions of each connection', async () => {
  const tunnel = await openTunnel(host, ['sed', '-u', 's/^/heard: /']);
  for (const word of ['one', 'two']) {
    const socket = connect(tunnel.port, '127.0.0.1');
    socket.write(`${word}\n`);
    const [said] = await once(socket, 'data');
    expect(String(said)).toBe(`heard: ${word}\n`);
    socket.destroy();
  }
  tunnel.close();
});

test.each([['false'], ['/nowhere/to/be/found']])(
  'a connection that `%s` cannot carry is closed',
  async (command) => {
    const tunnel = await openTunnel(host, [command]);
    const socket = connect(tunnel.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'close');
    tunnel.close();
  },
);

test('nobody gets in once it is closed', async () => {
  const tunnel = await openTunnel(host, ['cat']);
  tunnel.close();
  const socket = connect(tunnel.port, '127.0.0.1');
  const [error] = await once(socket, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
});
