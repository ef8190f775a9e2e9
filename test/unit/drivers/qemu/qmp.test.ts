import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openQmp, type Qmp } from '../../../../drivers/qemu/qmp.ts';
import { connectWhenThere } from '../../../../drivers/qemu/unix-socket.ts';
import { withDeadline } from '../../../../src/host/deadline.ts';
import { VmtestError } from '../../../../src/host/errors.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const GREETING =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}\r\n';
const never = new AbortController().signal;

interface Request {
  execute: string;
  arguments?: Record<string, unknown>;
  id: number;
}

/** A server that talks like QEMU, with answers by script. */
class Script {
  readonly asked: Request[] = [];
  #socket: Socket | undefined;
  readonly answers: Record<string, (request: Request) => unknown> = { qmp_capabilities: () => ({}) };

  attach(socket: Socket, greeting: string): void {
    this.#socket = socket;
    socket.write(greeting);
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#answer(JSON.parse(line) as Request);
    });
    socket.on('error', () => {});
  }

  send(message: unknown): void {
    this.#socket?.write(`${JSON.stringify(message)}\r\n`);
  }

  raw(text: string): void {
    this.#socket?.write(text);
  }

  hangUp(): void {
    this.#socket?.destroy();
  }

  #answer(request: Request): void {
    this.asked.push(request);
    const answer = this.answers[request.execute]?.(request);
    if (answer !== undefined) this.send({ return: answer, id: request.id });
  }
}

async function serve(greeting = GREETING): Promise<{ script: Script; path: string }> {
  const script = new Script();
  const path = join(await scratchFolder(), 'qmp.sock');
  const server = createServer((socket) => script.attach(socket, greeting));
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    script.hangUp();
    server.close();
  });
  return { script, path };
}

async function connected(onClosed?: () => Promise<VmtestError>): Promise<{ script: Script; qmp: Qmp }> {
  const { script, path } = await serve();
  const qmp = await openQmp(await connectWhenThere(path, never), never, onClosed);
  onTestFinished(() => qmp.close());
  return { script, qmp };
}

describe('QMP', () => {
  test('negotiates before anything else, and answers carry what was returned', async () => {
    const { script, qmp } = await connected();
    script.answers['query-status'] = () => ({ status: 'running' });
    expect(await qmp.execute('query-status')).toEqual({ status: 'running' });
    expect(script.asked.map(({ execute }) => execute)).toEqual(['qmp_capabilities', 'query-status']);
  });

  test('passes arguments on, and none where there are none', async () => {
    const { script, qmp } = await connected();
    script.answers['screendump'] = ({ arguments: args }) => args;
    script.answers['cont'] = (request) => ({ bare: !('arguments' in request) });
    expect(await qmp.execute('screendump', { filename: '/x "y".png' })).toEqual({ filename: '/x "y".png' });
    expect(await qmp.execute('cont')).toEqual({ bare: true });
  });

  test('finds the answer to each command, whatever the order and however it is cut into pieces', async () => {
    const { script, qmp } = await connected();
    script.answers['echo'] = () => undefined;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (texts, size, backwards) => {
          script.asked.length = 0;
          const results = Promise.all(texts.map((text) => qmp.execute('echo', { text })));
          while (script.asked.length < texts.length) await new Promise((resolve) => setTimeout(resolve, 1));
          const replies = script.asked.map(
            ({ id, arguments: args }) =>
              `${JSON.stringify({ event: 'TICK', data: {} })}\r\n${JSON.stringify({ return: args?.['text'], id })}\r\n`,
          );
          const bytes = Buffer.from((backwards ? replies.reverse() : replies).join(''));
          for (let at = 0; at < bytes.length; at += size) script.raw(bytes.subarray(at, at + size) as never);
          expect(await results).toEqual(texts);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('a refusal is a coded error that names the command', async () => {
    const { script, qmp } = await connected();
    script.answers['bad'] = ({ id }) => {
      script.send({ id, error: { class: 'GenericError', desc: 'no such thing' } });
    };
    await expect(qmp.execute('bad')).rejects.toMatchObject({
      code: 'QMP_COMMAND_FAILED',
      message: 'the command bad of QEMU failed: no such thing',
    });
  });

  test('a refusal for a known reason has its code', async () => {
    const { script, qmp } = await connected();
    script.answers['migrate'] = ({ id }) => {
      script.send({
        id,
        error: { class: 'GenericError', desc: "State blocked by non-migratable device 'nvme'" },
      });
    };
    await expect(qmp.execute('migrate')).rejects.toMatchObject({ code: 'QEMU_NOT_MIGRATABLE' });
  });

  test('events reach all who listen, until they stop', async () => {
    const { script, qmp } = await connected();
    const heard: string[] = [];
    const stop = qmp.on(({ event }) => heard.push(event));
    const stopped = qmp.next('a stop', ({ event }) => event === 'STOP', never);
    script.send({ event: 'RESUME', timestamp: { seconds: 1, microseconds: 2 } });
    script.send({ event: 'STOP', data: { reason: 'x' } });
    expect(await stopped).toEqual({ event: 'STOP', data: { reason: 'x' } });
    stop();
    script.send({ event: 'RESUME' });
    script.answers['ping'] = () => ({});
    await qmp.execute('ping');
    expect(heard).toEqual(['RESUME', 'STOP']);
  });

  test('a command has a deadline, and its late answer troubles nobody', async () => {
    const { script, qmp } = await connected();
    await expect(qmp.execute('slow', undefined, { timeout: 30 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
      message: expect.stringContaining('slow'),
    });
    const late = script.asked.find(({ execute }) => execute === 'slow');
    script.send({ return: 'late', id: late?.id });
    script.answers['next'] = () => 'in time';
    expect(await qmp.execute('next')).toBe('in time');
  });

  test('an abort ends a wait with its reason', async () => {
    const { qmp } = await connected();
    const cut = new AbortController();
    const waiting = [
      qmp.execute('slow', undefined, { signal: cut.signal }),
      qmp.next('anything', () => true, cut.signal),
    ];
    const reason = new VmtestError('CANCELLED', 'enough');
    cut.abort(reason);
    for (const each of waiting) await expect(each).rejects.toBe(reason);
    await expect(qmp.execute('slow', undefined, { signal: cut.signal })).rejects.toBe(reason);
  });

  test('the end of the stream ends all waits, and later ones, with what QEMU said last', async () => {
    const last = new VmtestError('QEMU_NO_MEMORY', 'out of memory');
    const { script, qmp } = await connected(async () => last);
    const waiting = [qmp.execute('slow'), qmp.next('anything', () => true, never)];
    script.hangUp();
    for (const each of waiting) await expect(each).rejects.toBe(last);
    await expect(qmp.execute('more')).rejects.toBe(last);
  });

  test('the end of the stream without last words is retryable', async () => {
    const { script, qmp } = await connected();
    script.hangUp();
    await expect(qmp.execute('x')).rejects.toMatchObject({ code: 'QEMU_GONE', retryable: true });
  });

  test.each(['garbage', 'null', '42', '[]', '{"unexpected":true}', '{"error":{"desc":"lost"}}'])(
    'what is no QMP ends the connection, and is told: %s',
    async (line) => {
      const { script, qmp } = await connected();
      script.raw(`${line}\r\n`);
      const error = { code: 'QMP_GARBAGE', message: expect.stringContaining(JSON.stringify(line)) };
      await expect(qmp.execute('x')).rejects.toMatchObject(error);
      await expect(qmp.execute('y')).rejects.toMatchObject(error);
    },
  );

  test.each([null, 7, 'no', {}, { desc: 7 }, { class: [] }])(
    'a refusal without words, or no answer at all, is no success: %j',
    async (error) => {
      const { script, qmp } = await connected();
      const answer = qmp.execute('cont');
      script.send({ id: 2, error });
      await expect(answer).rejects.toMatchObject({
        code: 'QMP_COMMAND_FAILED',
        message: 'the command cont of QEMU failed: it said nothing',
      });
    },
  );

  test('a deadline names the command that it waited for', async () => {
    const { qmp } = await connected();
    const waiting = withDeadline(never, 50, 'phase boot', (signal) =>
      qmp.execute('cont', undefined, { signal }),
    );
    await expect(waiting).rejects.toMatchObject({
      message: 'phase boot took longer than 0.1 s; it waited for the command cont of QEMU',
    });
  });

  test('no greeting, as from a server that is busy with another client, ends with the signal', async () => {
    const { path } = await serve('');
    const socket = await connectWhenThere(path, never);
    await expect(openQmp(socket, AbortSignal.timeout(50))).rejects.toThrow();
    expect(socket.destroyed).toBe(true);
  });
});
