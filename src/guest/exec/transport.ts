/** Scripts through an `ExecLink`: each on a process of its own, with marks of ours where it begins and ends. */
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { VmtestError } from '../../host/errors.ts';
import { setDate } from '../agent/identity.ts';
import type { GuestExit, GuestIo } from '../channel.ts';
import { Capture, type Captured, type ScriptTransport, Tail } from '../transport.ts';
import { type ExecBoot, shExecBoot } from './boot.ts';
import type { ExecLink } from './link.ts';
import { type Marks, RunningScript } from './running-script.ts';

/** Whether `date`, run by whoever the link runs commands as, sets the clock; `fresh` when it has just done so. */
export type Clock = 'unable' | 'able' | 'fresh';

export class ExecTransport implements ScriptTransport {
  readonly #link: ExecLink;
  readonly #boot: ExecBoot;
  readonly #marks: Marks;
  #clock: Clock;
  #isLost = false;

  constructor(link: ExecLink, boot: ExecBoot = shExecBoot(), clock: Clock = 'unable') {
    this.#link = link;
    this.#boot = boot;
    this.#clock = clock;
    const token = randomBytes(8).toString('hex');
    this.#marks = { begin: `vmtest-begin-${token}`, end: `vmtest-end-${token}:` };
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  run(script: string, fromStdin: string, io: GuestIo, signal: AbortSignal): Promise<GuestExit> {
    if (script.length <= this.#boot.mostInline) return this.#run(this.#boot, script, undefined, io, signal);
    return this.#run(this.#boot, fromStdin, Buffer.from(script), io, signal);
  }

  capture(script: string, input: Buffer | undefined, signal: AbortSignal): Promise<Captured> {
    return this.#capture(this.#boot, script, input, signal);
  }

  send(script: string, input: Readable, signal: AbortSignal): Promise<Captured> {
    return this.#capture(this.#boot, script, input, signal);
  }

  async *receive(
    script: string,
    input: Buffer,
    check: (exit: GuestExit, stderr: string) => void,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void> {
    const stderr = new Tail();
    const { running, wrapped } = await this.#start(this.#boot, script, signal);
    running.onStderr((chunk) => stderr.push(chunk));
    let exit: GuestExit | undefined;
    try {
      await running.feed(wrapped, input);
      exit = yield* this.#watched(running.chunks(signal));
      check(exit, stderr.text);
    } finally {
      running.hangUp(exit === undefined);
    }
  }

  async setClock(signal: AbortSignal): Promise<boolean> {
    if (this.#clock === 'able') await this.#capture(shExecBoot(), setDate(), undefined, signal);
    const isSet = this.#clock !== 'unable';
    if (isSet) this.#clock = 'able';
    return isSet;
  }

  close(): void {}

  async #capture(
    boot: ExecBoot,
    script: string,
    input: Readable | Buffer | undefined,
    signal: AbortSignal,
  ): Promise<Captured> {
    const captured = new Capture();
    return captured.endedWith(await this.#run(boot, script, input, captured, signal));
  }

  async #run(
    boot: ExecBoot,
    script: string,
    input: Readable | Buffer | undefined,
    io: GuestIo,
    signal: AbortSignal,
  ): Promise<GuestExit> {
    const { running, wrapped } = await this.#start(boot, script, signal);
    running.onStderr((chunk) => io.onStderr(chunk));
    let exit: GuestExit | undefined;
    const listen = async (): Promise<GuestExit> => {
      const chunks = this.#watched(running.chunks(signal));
      for (;;) {
        const { done, value } = await chunks.next();
        if (done) return value;
        io.onStdout(value);
      }
    };
    try {
      [exit] = await Promise.all([listen(), running.feed(wrapped, input)]);
      return exit;
    } finally {
      running.hangUp(exit === undefined);
    }
  }

  async #start(
    boot: ExecBoot,
    script: string,
    signal: AbortSignal,
  ): Promise<{ running: RunningScript; wrapped: string }> {
    signal.throwIfAborted();
    const { begin, end } = this.#marks;
    const wrapped = boot.wrap(script, end);
    const process = await this.#link.start(
      boot.command(
        `${wrapped}
`,
        begin,
        end,
      ),
    );
    return { running: new RunningScript(process, this.#marks), wrapped };
  }

  async *#watched(chunks: AsyncGenerator<Buffer, GuestExit>): AsyncGenerator<Buffer, GuestExit> {
    try {
      return yield* chunks;
    } catch (error) {
      if (error instanceof VmtestError && error.code === 'GUEST_CONNECTION_LOST') this.#isLost = true;
      throw error;
    }
  }
}
