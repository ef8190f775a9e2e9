/**
 * Scripts over one SSH connection. A script travels on stdin, behind a constant command that any login shell (fish and
 * csh too) takes the same way; what follows it on stdin is the script's own input.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientChannel } from 'ssh2';
import { VmtestError } from '../../host/errors.ts';
import { abortable } from '../abortable.ts';
import type { GuestExit, GuestIo } from '../channel.ts';
import { connectionLost } from '../lost.ts';
import { BoundedOutput, type Captured, fromStdin, type ScriptTransport, Tail } from '../transport.ts';

/**
 * How long output is waited for after the command itself has ended: a background child that inherited stdout keeps the
 * channel open for as long as it lives. What is still on its way comes without such pauses.
 */
const DRAIN_QUIET_MS = 1_500;
const DRAIN_MOST_MS = 5_000;

/** A shell takes such a script byte by byte from its stdin; a longer one is faster through a file. */
const MOST_INLINE = 8 * 1024;

/**
 * Takes a script of so many lines from stdin, and no byte more (`read` of a pipe reads single bytes). Without a line
 * break, a single quote or a `!` in it, which shells treat in their own ways.
 */
function bootCommand(lines: number): string {
  return `exec sh -c 'n=$(printf "\\n.");n=\${n%.};s=;c=${lines};while [ $c -gt 0 ];do IFS= read -r l;s="$s$l$n";c=$((c-1));done;eval "$s"'`;
}

/** A script that runs in the guest. Both outputs must be read, or it stands still. */
interface RunningScript {
  stdout: ClientChannel;
  stderr: Readable;
  /** How it ended; rejects with `GUEST_CONNECTION_LOST` when that was never told. */
  exited: Promise<GuestExit>;
  /** Resolves when all output has come, or can come no more. */
  closed: Promise<void>;
  /** Gives its input to the script; resolves when it is written or no longer wanted. Rejects when the source fails. */
  feed(input: Readable | Buffer | undefined): Promise<void>;
  /** The processes in the guest are not ended by this, but for those that still read or write. */
  hangUp(): void;
}

export class SshSession implements ScriptTransport {
  readonly #client: Client;
  readonly #socket: Socket;
  #lastError: string | undefined;
  #isLost = false;

  constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    client.on('error', (error) => {
      this.#lastError = error.message;
    });
    client.on('close', () => {
      this.#isLost = true;
    });
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  async #start(script: string, signal: AbortSignal): Promise<RunningScript> {
    const lines = script.split('\n');
    const opening = this.#open(bootCommand(lines.length));
    try {
      const channel = await abortable(opening, signal);
      channel.write(`${lines.join('\n')}\n`);
      return this.#running(channel);
    } catch (error) {
      void opening.then(
        (channel) => channel.close(),
        () => {},
      );
      throw error;
    }
  }

  run(script: string, file: string, io: GuestIo, signal: AbortSignal): Promise<GuestExit> {
    if (script.length <= MOST_INLINE) return this.#run(script, undefined, io, signal);
    return this.#run(fromStdin(file), Buffer.from(script), io, signal);
  }

  async capture(script: string, input: Buffer | undefined, signal: AbortSignal): Promise<Captured> {
    return this.send(script, input, signal);
  }

  async send(script: string, input: Readable | Buffer | undefined, signal: AbortSignal): Promise<Captured> {
    const stdout = new BoundedOutput();
    const stderr = new Tail();
    const io = {
      onStdout: (chunk: Buffer) => stdout.push(chunk),
      onStderr: (chunk: Buffer) => stderr.push(chunk),
    };
    const exit = await this.#run(script, input, io, signal);
    return { exit, stdout: stdout.take(), stderr: stderr.text };
  }

  async *receive(
    script: string,
    input: Buffer,
    check: (exit: GuestExit, stderr: string) => void,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void> {
    const running = await this.#start(script, signal);
    const stderr = new Tail();
    running.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const chunks = running.stdout[Symbol.asyncIterator]();
    try {
      await running.feed(input);
      for (;;) {
        const { done, value } = await abortable(chunks.next(), signal);
        if (done) break;
        yield value as Buffer;
      }
      check(await abortable(running.exited, signal), stderr.text);
    } finally {
      running.hangUp();
    }
  }

  close(): void {
    // `client.end()` would wait for a peer that may be gone, and a `destroy()` after it does nothing.
    this.#socket.destroy();
  }

  #lost(cause?: unknown): VmtestError {
    const why = this.#lastError ?? (cause instanceof Error ? cause.message : 'the other side closed it');
    return connectionLost(why, cause);
  }

  async #run(
    script: string,
    input: Readable | Buffer | undefined,
    io: GuestIo,
    signal: AbortSignal,
  ): Promise<GuestExit> {
    const running = await this.#start(script, signal);
    let heard = performance.now();
    running.stdout.on('data', (chunk: Buffer) => {
      heard = performance.now();
      io.onStdout(chunk);
    });
    running.stderr.on('data', (chunk: Buffer) => {
      heard = performance.now();
      io.onStderr(chunk);
    });
    try {
      const [exit] = await abortable(Promise.all([running.exited, running.feed(input)]), signal);
      await abortable(
        drained(running.closed, () => heard),
        signal,
      );
      return exit;
    } finally {
      running.hangUp();
    }
  }

  #open(command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      try {
        this.#client.exec(command, (error, channel) => {
          if (error) reject(this.#notOpened(error));
          else resolve(channel);
        });
      } catch (error) {
        // Thrown when the connection is gone already.
        reject(this.#lost(error));
      }
    });
  }

  #notOpened(error: Error): VmtestError {
    const refused =
      (error as { reason?: unknown }).reason !== undefined || error.message === 'Unable to exec';
    if (!refused) return this.#lost(error);
    return new VmtestError(
      'GUEST_COMMAND_REFUSED',
      `the SSH server refuses to run commands: ${error.message}`,
      {
        hint: "Look at the guest's sshd configuration: `ForceCommand`, `MaxSessions`, and the account's shell.",
        cause: error,
      },
    );
  }

  #running(channel: ClientChannel): RunningScript {
    const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
    const exited = new Promise<GuestExit>((resolve, reject) => {
      channel.once('exit', (code: number | null, name?: string) => {
        resolve(code === null ? { signal: name ?? 'unknown' } : { exitCode: code });
      });
      // No exit was told before: a lost connection, or a server that breaks off. Never a success.
      channel.once('close', () => reject(this.#lost()));
    });
    exited.catch(() => {});
    return {
      stdout: channel,
      stderr: channel.stderr,
      exited,
      closed,
      feed: (input) => feed(channel, input, closed),
      hangUp: () => channel.close(),
    };
  }
}

/** A write to a channel that was closed meanwhile is never acknowledged, so every wait ends with the channel as well. */
async function feed(
  channel: ClientChannel,
  input: Readable | Buffer | undefined,
  closed: Promise<void>,
): Promise<void> {
  if (input === undefined || Buffer.isBuffer(input)) {
    channel.end(input);
    return;
  }
  let isClosed = false;
  const end = closed.then(() => {
    isClosed = true;
  });
  for await (const chunk of input) {
    if (isClosed) return;
    if (!channel.write(chunk)) await Promise.race([once(channel, 'drain'), end]);
  }
  channel.end();
}

async function drained(closed: Promise<void>, heard: () => number): Promise<void> {
  const exit = performance.now();
  const done = new AbortController();
  void closed.then(() => done.abort());
  for (;;) {
    const quietSince = Math.max(heard(), exit);
    const left = Math.min(quietSince + DRAIN_QUIET_MS, exit + DRAIN_MOST_MS) - performance.now();
    if (left <= 0 || done.signal.aborted) return;
    await delay(left, undefined, { signal: done.signal }).catch(() => {});
  }
}
