/**
 * A machine's device state out of one QEMU and into another, by QEMU's migration over a unix socket whose other end is
 * this process: every version speaks it, and no shell (`exec:`) or newer `file:` is needed. Memory that lies in a shared
 * file stays there (`x-ignore-shared`), so this is a matter of some hundred kilobytes and milliseconds.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { OneConnection } from '../../src/host/one-connection.ts';
import { explain } from './errors.ts';
import type { Qmp, QmpEvent } from './qmp.ts';
import { connectWhenThere } from './unix-socket.ts';

/** Without the second, there is no telling when it is done but by asking again and again. */
const CAPABILITIES = ['x-ignore-shared', 'events'].map((capability) => ({ capability, state: true }));

/** Writes the state of a stopped machine to `file`. `socket` is a path that is free. */
export async function saveState(qmp: Qmp, file: string, socket: string, signal: AbortSignal): Promise<void> {
  await qmp.execute('migrate-set-capabilities', { capabilities: CAPABILITIES }, { signal });
  const connection = await OneConnection.listen(socket);
  try {
    const written = connection
      .accept(signal)
      .then((from) => pipeline(from, createWriteStream(file, { mode: 0o600 }), { signal }));
    // QEMU may refuse, or the wait be cut off, before anybody looks at it.
    written.catch(() => {});
    const error = await transfer(qmp, 'migrate', socket, () => written, signal);
    if (error !== undefined) throw failed('migrate', String(error), error);
  } finally {
    connection.close();
    await rm(socket, { force: true });
  }
}

/** Reads the state into a QEMU that was started with `-incoming defer`, on a memory that maps the same file. */
export async function loadState(qmp: Qmp, file: string, socket: string, signal: AbortSignal): Promise<void> {
  await qmp.execute('migrate-set-capabilities', { capabilities: CAPABILITIES }, { signal });
  const send = async () => {
    // The file comes second: opened while nobody listens, it would stay open, and its error would be nobody's.
    const to = await connectWhenThere(socket, signal);
    await pipeline(createReadStream(file), to, { signal });
  };
  // QEMU (11) hangs up as soon as it has read enough, which is no failure once it says that it is done.
  await transfer(qmp, 'migrate-incoming', socket, send, signal);
}

/**
 * Orders QEMU to migrate, has `stream` move the bytes at our end, and waits until QEMU says that it is done. What became
 * of our end is the answer: nothing, or why it failed.
 */
async function transfer(
  qmp: Qmp,
  command: 'migrate' | 'migrate-incoming',
  socket: string,
  stream: () => Promise<void>,
  signal: AbortSignal,
): Promise<unknown> {
  const finished = qmp.next(`the end of ${command} of QEMU`, isEnd, signal);
  finished.catch(() => {});
  await qmp.execute(command, { uri: `unix:${socket}` }, { signal });
  let streamError: unknown;
  const streamed = stream().catch((error: unknown) => {
    streamError = error;
  });
  const { data } = await finished;
  if (data['status'] !== 'completed') throw await whyNot(qmp, command, streamError, signal);
  await streamed;
  return streamError;
}

function isEnd({ event, data }: QmpEvent): boolean {
  return event === 'MIGRATION' && /^(completed|failed|cancelled)$/.test(String(data['status']));
}

/** QEMU sees only that its stream broke; a full disk at our end of it is the better reason. */
async function whyNot(qmp: Qmp, command: string, streamError: unknown, signal: AbortSignal): Promise<Error> {
  if (streamError !== undefined && !isBrokenPipe(streamError)) {
    return failed(command, String(streamError), streamError);
  }
  const answer = await qmp.execute('query-migrate', undefined, { signal });
  const { 'error-desc': words = '' } = (answer ?? {}) as Record<string, unknown>;
  return failed(command, String(words));
}

function isBrokenPipe(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code);
}

function failed(command: string, text: string, cause?: unknown): Error {
  return command === 'migrate'
    ? explain(text, { code: 'QEMU_SAVE_FAILED', doing: "saving the machine's state", cause })
    : explain(text, { code: 'QEMU_RESTORE_FAILED', doing: "restoring the machine's state", cause });
}
