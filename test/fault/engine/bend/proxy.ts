/**
 * Stands between a driver and the control connection of its machine. Each end is a socket in the machine's folder: the one
 * whose server is real has been given another name, and this serves under the old one.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Trouble } from '../faults.ts';
import { LATE_S } from './commands.ts';
import { failing, garbled, nameOf, type Protocol } from './messages.ts';

export interface Line {
  /** For people. */
  name: string;
  trouble: Trouble | undefined;
}

export interface Proxied {
  protocol: Protocol;
  /** Asked of every line of the engine's: what goes wrong with it. */
  next(name: string): Trouble | undefined;
  /** Of the machine's process. */
  kill(): void;
}

const LOOK_MS = 5;

/** QEMU serves its QMP at `real`, some time after its start; the driver looks for it at `shown`. */
export async function serveFor(
  real: string,
  shown: string,
  proxied: Proxied,
  isOver: () => boolean,
): Promise<void> {
  let engine = await tryConnect(real);
  for (; !engine && !isOver(); engine = await tryConnect(real))
    await delay(LOOK_MS, undefined, { ref: false });
  if (!engine) return;
  const server = createServer((driver) => {
    server.close();
    join(engine, driver, proxied);
  });
  engine.once('close', () => server.close());
  listen(server, shown);
}

/** A machine of v86 connects to `shown`, where its driver listens at `real`. */
export function connectFor(real: string, shown: string, proxied: Proxied): void {
  const server = createServer((engine) => {
    server.close();
    const driver = connect(real);
    driver.on('error', () => engine.destroy());
    join(engine, driver, proxied);
  });
  listen(server, shown);
}

function listen(server: Server, path: string): void {
  // The run may end as soon as it wants to.
  server.on('error', () => {}).listen(path);
  server.unref();
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(socket));
    socket.on('error', () => resolve(undefined));
  });
}

function join(engine: Socket, driver: Socket, proxied: Proxied): void {
  engine.on('error', () => {});
  driver.on('error', () => {});
  driver.pipe(engine);
  let rest = '';
  let passed = Promise.resolve();
  engine.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const trouble = proxied.next(nameOf(line));
      // One after another, as a slow engine would answer.
      passed = passed.then(() => pass(line, driver, trouble, proxied));
    }
  });
  engine.once('close', () => void passed.then(() => driver.destroy()));
  driver.once('close', () => engine.destroy());
}

async function pass(
  line: string,
  driver: Socket,
  trouble: Trouble | undefined,
  { protocol, kill }: Proxied,
): Promise<void> {
  const write = (text: string) => driver.write(text);
  switch (trouble?.fault) {
    case undefined:
      write(`${line}\n`);
      return;
    case 'late':
      await delay(LATE_S * 1000, undefined, { ref: false });
      write(`${line}\n`);
      return;
    case 'fails':
      write(`${failing(protocol, line)}\n`);
      return;
    case 'garbage':
      write(`${garbled(protocol, line, trouble.variant)}\n`);
      return;
    case 'dies':
      write(line.slice(0, line.length / 2));
      kill();
      return;
    case 'hangs':
      return;
  }
}
