import type { Duplex } from 'node:stream';
import type { AgentLink } from '../../src/guest/channel.ts';
// Temporary minimal link until src/guest/agent/qga.ts exists.
export function createQgaLink(stream: Duplex): AgentLink {
  let buffer = Buffer.alloc(0);
  const waiters: ((v: any) => void)[] = [];
  stream.on('data', (d: Buffer) => {
    buffer = Buffer.concat([buffer, d]);
    let i: number;
    while ((i = buffer.indexOf(10)) >= 0) {
      const line = buffer.subarray(0, i).toString('latin1').replace(/^\xff/, '');
      buffer = buffer.subarray(i + 1);
      if (line.trim()) waiters.shift()?.(JSON.parse(line));
    }
  });
  stream.on('error', () => {});
  const call = (execute: string, args?: unknown) =>
    new Promise<any>((resolve, reject) => {
      waiters.push((m) => (m.error ? reject(new Error(m.error.desc)) : resolve(m.return)));
      stream.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    });
  return {
    chunk: 65536,
    ping: async () => {
      const id = Math.floor(Math.random() * 1e9);
      waiters.length = 0;
      const t = new Promise((_r, rej) => setTimeout(() => rej(new Error('no answer')), 2000));
      const p = new Promise<void>((resolve) => {
        const look = (m: any) => (m.return === id ? resolve() : waiters.push(look));
        waiters.push(look);
      });
      stream.write(
        Buffer.concat([
          Buffer.from([0xff]),
          Buffer.from(`{"execute":"guest-sync-delimited","arguments":{"id":${id}}}\n`),
        ]),
      );
      await Promise.race([p, t]);
    },
    start: async (argv, o) =>
      String(
        (await call('guest-exec', { path: argv[0], arg: argv.slice(1), 'capture-output': o.capture })).pid,
      ),
    poll: async (h) => {
      const r = await call('guest-exec-status', { pid: Number(h) });
      return r.exited
        ? {
            exited: true,
            exitCode: r.exitcode,
            stdout: Buffer.from(r['out-data'] ?? '', 'base64'),
            stderr: Buffer.from(r['err-data'] ?? '', 'base64'),
            truncated: false,
          }
        : { exited: false };
    },
    read: async () => Buffer.alloc(0),
    write: async () => {},
    close: () => stream.destroy(),
  };
}
