/** Scripts over one SSH connection. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { abortable } from '../../host/abortable.ts';
import { VmtestError } from '../../host/errors.ts';
import type { Boot } from '../boot.ts';
import type { GuestExit, GuestIo } from '../channel.ts';
import { connectionLost } from '../lost.ts';
import { Capture, type Captured, type ScriptTransport, Tail } from '../transport.ts';
import { AfterMark, shBoot } from './boot.ts';
import { RunningScript } from './running-script.ts';

export class SshSession implements ScriptTransport {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #boot: Boot;
  readonly #mark = randomBytes(8).toString('hex');
  #lastError: string | undefined;
  #isLost = false;

  constructor(client: Client, socket: Socket, boot: Boot = shBoot) {
    this.#client = client;
    this.#socket = socket;
    this.#boot = boot;
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

  run(script: string, fromStdin: string, io: GuestIo, signal: AbortSignal): Promise<GuestExit> {
    const stdout = new AfterMark(this.#mark);
    if (script.length <= this.#boot.mostInline) return this.#run(script, undefined, stdout, io, signal);
    return this.#run(fromStdin, Buffer.from(script), stdout, io, signal);
  }

  capture(script: string, input: Buffer | undefined, signal: AbortSignal): Promise<Captured> {
    return this.send(script, input, signal);
  }

  async send(script: string, input: Readable | Buffer | undefined, signal: AbortSignal): Promise<Captured> {
    const afterMark = new AfterMark(this.#mark);
    const captured = new Capture();
    const exit = await this.#run(script, input, afterMark, captured, signal);
    captured.onStderr(afterMark.noise);
    return captured.endedWith(exit);
  }

  async *receive(
    script: string,
    input: Buffer,
    check: (exit: GuestExit, stderr: string) => void,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void> {
    const running = await this.#start(script, new AfterMark(this.#mark), signal);
    const stderr = new Tail();
    running.onStderr((chunk) => stderr.push(chunk));
    try {
      await running.feed(input);
      yield* running.chunks(signal);
      check(await abortable(running.exited, signal), stderr.text);
    } finally {
      running.hangUp();
    }
  }

  close(): void {
    // `client.end()` would wait for a peer that may be gone, and a `destroy()` after it does nothing.
    this.#socket.destroy();
  }

  async #run(
    script: string,
    input: Readable | Buffer | undefined,
    stdout: AfterMark,
    io: GuestIo,
    signal: AbortSignal,
  ): Promise<GuestExit> {
    const running = await this.#start(script, stdout, signal);
    running.listen(io);
    try {
      const [exit] = await abortable(Promise.all([running.exited, running.feed(input)]), signal);
      await abortable(running.drained(), signal);
      return exit;
    } finally {
      running.hangUp();
    }
  }

  async #start(script: string, stdout: AfterMark, signal: AbortSignal): Promise<RunningScript> {
    const whole = `${script}\n`;
    const opening = this.#open(this.#boot.command(whole, this.#mark));
    try {
      const channel = await abortable(opening, signal);
      channel.write(whole);
      return new RunningScript(channel, stdout, () => this.#lost());
    } catch (error) {
      void opening.then(
        (channel) => channel.close(),
        () => {},
      );
      throw error;
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

  #lost(cause?: unknown): VmtestError {
    const why = this.#lastError ?? (cause instanceof Error ? cause.message : 'the other side closed it');
    return connectionLost(why, cause);
  }
}
