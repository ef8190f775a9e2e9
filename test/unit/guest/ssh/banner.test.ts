import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { awaitBanner, type BannerPace } from '../../../../src/guest/ssh/banner.ts';

const QUICK: BannerPace = { quickest: 5, slowest: 20, silence: 40, longSilence: 60, giveUp: 30_000 };
const never = new AbortController().signal;

/** A listener whose connections are numbered from 0. */
async function listener(onConnection: (socket: Socket, index: number) => void) {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket, sockets.push(socket) - 1);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, sockets };
}

async function firstLine(socket: Socket): Promise<string> {
  onTestFinished(() => void socket.destroy());
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

test('hands over the connection with all that was said', async () => {
  const address = await listener((socket) => socket.write('SSH-2.0-x\r\n'));
  expect(await firstLine(await awaitBanner(address, never, undefined, QUICK))).toBe('SSH-2.0-x\r\n');
  expect(address.sockets).toHaveLength(1);
});

test('tries again while connections are refused', async () => {
  const free = await listener(() => {});
  const reasons: string[] = [];
  const closed = createServer((socket) => socket.write('SSH-2.0-late\r\n'));
  closed.listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const waiting = awaitBanner({ host: '127.0.0.1', port }, never, (reason) => reasons.push(reason), QUICK);
  while (reasons.length < 3) await delay(5);
  closed.listen(port, '127.0.0.1');
  onTestFinished(() => void closed.close());
  expect(await firstLine(await waiting)).toBe('SSH-2.0-late\r\n');
  expect(reasons[0]).toBe(`127.0.0.1:${port} refuses connections`);
  expect(free.sockets).toHaveLength(0);
});

test('is not taken in by a forwarder that accepts and hangs up', async () => {
  const reasons: string[] = [];
  const address = await listener((socket, index) => {
    if (index < 3) socket.end();
    else socket.write('SSH-2.0-x\r\n');
  });
  await firstLine(await awaitBanner(address, never, (reason) => reasons.push(reason), QUICK));
  expect(reasons).toHaveLength(3);
  expect(reasons[0]).toContain('hung up before it said anything');
});

test('starts others beside a silent connection, takes the first to speak and drops the rest', async () => {
  const reasons: string[] = [];
  const address = await listener((socket, index) => {
    if (index === 2) socket.write('SSH-2.0-third\r\n');
  });
  const socket = await awaitBanner(address, never, (reason) => reasons.push(reason), QUICK);
  expect(await firstLine(socket)).toBe('SSH-2.0-third\r\n');
  expect(reasons[0]).toContain('accepts connections, but no SSH server speaks yet');
  await expect
    .poll(() => address.sockets.map((each) => each.destroyed || each.readableEnded))
    .toEqual([true, true, false]);
});

test('keeps a slow connection while it tries others', async () => {
  const address = await listener((socket, index) => {
    if (index === 0) setTimeout(() => socket.write('SSH-2.0-slow\r\n'), 300);
  });
  expect(await firstLine(await awaitBanner(address, never, undefined, QUICK))).toBe('SSH-2.0-slow\r\n');
  expect(address.sockets.length).toBeGreaterThan(1);
});

test('has few connections open, of which one is always fresh', async () => {
  let most = 0;
  let open = 0;
  const address = await listener((socket, index) => {
    open += 1;
    most = Math.max(most, open);
    socket.once('close', () => {
      open -= 1;
    });
    socket.resume();
    // Those of before the network was up will never speak.
    if (index === 7) socket.write('SSH-2.0-x\r\n');
  });
  await firstLine(await awaitBanner(address, never, undefined, QUICK));
  // Four, and one that is being dropped.
  expect(most).toBeLessThanOrEqual(5);
});

test('gives up in time what stays silent', async () => {
  const reasons: string[] = [];
  const address = await listener((socket, index) => {
    if (index > 0) socket.write('SSH-2.0-x\r\n');
  });
  const pace = { ...QUICK, silence: 10_000, giveUp: 50 };
  await firstLine(await awaitBanner(address, never, (reason) => reasons.push(reason), pace));
  expect(reasons).toEqual([expect.stringContaining('took longer than 0.1 s')]);
});

test('knows the words of a server that is overloaded or has shut us out', async () => {
  const reasons: string[] = [];
  const address = await listener((socket, index) => {
    if (index === 0) socket.end('Exceeded MaxStartups\r\n');
    else if (index === 1) socket.end('Not allowed at this time\r\n');
    else socket.write('SSH-2.0-x\r\n');
  });
  await firstLine(await awaitBanner(address, never, (reason) => reasons.push(reason), QUICK));
  expect(reasons).toEqual([
    expect.stringContaining('Exceeded MaxStartups'),
    expect.stringContaining('Not allowed at this time'),
  ]);
});

test('ends with the signal, and leaves no connection', async () => {
  const address = await listener((socket) => socket.resume());
  const abort = new AbortController();
  const waiting = awaitBanner(address, abort.signal, undefined, QUICK);
  while (address.sockets.length < 2) await delay(5);
  abort.abort(new Error('out of time'));
  await expect(waiting).rejects.toThrow('out of time');
  await expect.poll(() => address.sockets.every((each) => each.readableEnded)).toBe(true);
});
