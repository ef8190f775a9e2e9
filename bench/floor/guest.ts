/** The first command in a guest, by its agent and by SSH. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'ssh2';
import { connectSoon, Line } from './qmp.ts';

/** An agent that is there has its port in step at once; one that still boots swallows what is sent. */
export async function openAgent(path: string): Promise<Line> {
  const line = new Line(await connectSoon(path));
  for (;;) {
    line.write(Buffer.from([0xff]));
    const answered = line.call('guest-ping').then(() => true);
    if (await Promise.race([answered, delay(1_000, false)])) return line;
  }
}

/** Its output; polled every 20 ms (measured: every 5 ms keeps the one processor from the command, and takes longer). */
export async function runByAgent(line: Line, script: string): Promise<string> {
  const { pid } = (await line.call('guest-exec', {
    path: '/bin/sh',
    arg: ['-c', script],
    'capture-output': true,
  })) as { pid: number };
  for (;;) {
    const status = (await line.call('guest-exec-status', { pid })) as {
      exited: boolean;
      'out-data'?: string;
    };
    if (status.exited) return Buffer.from(status['out-data'] ?? '', 'base64').toString();
    await delay(20);
  }
}

export async function runBySsh(port: number, privateKey: Buffer, script: string): Promise<string> {
  const client = new Client();
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve).once('error', reject);
      client.connect({ host: '127.0.0.1', port, username: 'root', privateKey, readyTimeout: 60_000 });
    });
    return await new Promise<string>((resolve, reject) => {
      client.exec(script, (error, stream) => {
        if (error) return reject(error);
        let output = '';
        stream.on('data', (chunk: Buffer) => {
          output += chunk;
        });
        stream.once('close', () => resolve(output));
      });
    });
  } finally {
    client.destroy();
  }
}
