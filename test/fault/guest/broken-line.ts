/** The network between this host and a guest, broken in a way of choice: a proxy before the guest's SSH port. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Driver, Machine } from '../../../drivers/driver.ts';
import type { Plan } from '../../../src/run/plan.ts';

export interface Break {
  /** `cut`: both ends are hung up. `corrupt`: a bit of what the guest sends is turned. `stall`: nothing arrives any more. */
  how: 'cut' | 'corrupt' | 'stall';
  /** Bytes that the guest has sent by then. */
  after: number;
}

/** Somebody else at the guest's address. */
export interface Impostor {
  port: number;
}

export type Line = Break | Impostor | undefined;

/** The same plan, with machines whose SSH port is behind such a line; undefined is a good one. */
export function overLines(plan: Plan, lineOf: (cell: string, attempt: number) => Line): Plan {
  const targets = new Map(
    [...plan.targets].map(([name, planned]) => [
      name,
      { ...planned, driver: overLine(planned.driver, lineOf) },
    ]),
  );
  return { ...plan, targets };
}

function overLine(driver: Driver, lineOf: (cell: string, attempt: number) => Line): Driver {
  const open: Driver['open'] = async (target, context) => {
    const machine = await driver.open(target, context);
    const { cell = '', attempt = 1 } = context.lease.record;
    return behind(machine, lineOf(cell, attempt));
  };
  return instead(driver, { open });
}

function behind(machine: Machine, line: Line): Machine {
  const proxies: Proxied[] = [];
  const access: Machine['access'] = async (...request) => {
    const way = await machine.access(...request);
    if (way.kind !== 'ssh') return way;
    const proxy = await Proxied.open(way.port, line);
    proxies.push(proxy);
    return { ...way, port: proxy.port };
  };
  const release = async () => {
    for (const proxy of proxies) proxy.close();
    await machine.release();
  };
  return instead(machine, { access, release });
}

/** The object, with some of its methods replaced; its private parts are its own. */
function instead<T extends object>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get: (whole, name) => {
      const value = Reflect.get(methods, name) ?? Reflect.get(whole, name, whole);
      return typeof value === 'function' ? value.bind(whole) : value;
    },
  });
}

class Proxied {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async open(to: number, line: Line): Promise<Proxied> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Proxied(server, to, line);
  }

  private constructor(server: Server, to: number, line: Line) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
    server.on('connection', (client) => this.#pass(client, to, line));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(client: Socket, to: number, line: Line): void {
    const guest = connect(line && 'port' in line ? line.port : to, '127.0.0.1');
    for (const [one, other] of [
      [client, guest],
      [guest, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => {}).on('close', () => other.destroy());
    }
    client.pipe(guest);
    if (!line || 'port' in line) return void guest.pipe(client);
    let sent = 0;
    guest.on('data', (chunk) => {
      sent += chunk.length;
      if (sent < line.after) return void client.write(chunk);
      if (line.how === 'cut') guest.destroy();
      if (line.how === 'corrupt') client.write(turned(chunk));
    });
  }
}

function turned(chunk: Buffer): Buffer {
  const copy = Buffer.from(chunk);
  copy.writeUInt8(copy.readUInt8(0) ^ 1);
  return copy;
}
