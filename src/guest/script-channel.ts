/** The channel into a guest that runs scripts of ours, whatever its system and over whatever transport. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { toVmtestError } from '../host/errors.ts';
import type { AccessKind, GuestChannel, GuestCommand, GuestExit, GuestIo } from './channel.ts';
import { type Dialect, NOT_RUNNING } from './dialect.ts';
import { tookTooLong } from './limit.ts';
import { StepWatch } from './shell/step-watch.ts';
import type { ScriptTransport } from './transport.ts';

export class ScriptChannel implements GuestChannel {
  readonly kind: AccessKind;
  readonly hostKey?: string;
  readonly memory?: string;
  readonly #transport: ScriptTransport;
  readonly #dialect: Dialect;
  /** A clone finds the files of its template's channel in the folder; theirs must not pass for ours. */
  readonly #own = randomBytes(3).toString('hex');
  #commands = 0;
  #closing: Promise<void> | undefined;

  constructor(
    transport: ScriptTransport,
    dialect: Dialect,
    kind: AccessKind,
    { hostKey, memory }: { hostKey?: string; memory?: string } = {},
  ) {
    this.#transport = transport;
    this.#dialect = dialect;
    this.kind = kind;
    if (hostKey !== undefined) this.hostKey = hostKey;
    if (memory !== undefined) this.memory = memory;
  }

  async setClock(signal: AbortSignal): Promise<void> {
    if (await this.#transport.setClock?.(signal)) return;
    const { exit } = await this.#transport.capture(this.#dialect.clock(), undefined, signal);
    this.#dialect.checkClock(exit);
  }

  async exec(command: GuestCommand, io: GuestIo, signal: AbortSignal): Promise<GuestExit> {
    signal.throwIfAborted();
    this.#commands += 1;
    const base = this.#dialect.path(`${this.#own}-${this.#commands}`);
    const secret = `vmtest-${randomBytes(8).toString('hex')}`;
    const script = this.#dialect.command(command, base, secret);
    const watch = new StepWatch(io);
    try {
      const exit = await this.#transport.run(script, this.#dialect.fromStdin(base, secret), watch, signal);
      if (exit.unheard !== undefined) await this.#kill(base);
      else watch.check(exit, command, secret);
      return exit;
    } catch (error) {
      if (!signal.aborted) throw error;
      const ran = await this.#kill(base);
      if (ran || !tookTooLong(signal)) throw error;
      const { message } = toVmtestError(signal.reason);
      return {
        unheard: `${message}; by then the command was over, or had never begun, and nobody had told of it`,
      };
    }
  }

  async upload(tar: Readable, folder: string, signal: AbortSignal): Promise<void> {
    const { script, input } = this.#dialect.unpack(tar, folder);
    try {
      this.#dialect.checkUnpacked(await this.#transport.send(script, input, signal), folder);
    } finally {
      tar.destroy();
    }
  }

  async list(folder: string, signal: AbortSignal): Promise<string[]> {
    const captured = await this.#transport.capture(this.#dialect.list(folder), undefined, signal);
    return this.#dialect.parseList(captured, folder);
  }

  async download(folder: string, files: readonly string[], signal: AbortSignal): Promise<Readable> {
    const { script, input } = this.#dialect.pack(folder, files);
    const check = (exit: GuestExit, stderr: string) => this.#dialect.checkPacked(exit, stderr, folder);
    const printed = this.#transport.receive(script, input, check, signal);
    return Readable.from(this.#dialect.tarOf(printed, files), { objectMode: false });
  }

  close(tidy = true): Promise<void> {
    this.#closing ??= this.#close(tidy);
    return this.#closing;
  }

  async #close(tidy: boolean): Promise<void> {
    const tidies = tidy && !this.#transport.isLost;
    try {
      if (!tidies) return;
      const script = this.#dialect.removeFolder();
      await this.#transport.capture(script, undefined, AbortSignal.timeout(this.#dialect.tidyMs));
    } catch {
      // The guest is gone or busy; the folder goes away with the machine.
    } finally {
      await this.#transport.close(tidies);
    }
  }

  /** False: the guest says that nothing of the command was running. */
  async #kill(base: string): Promise<boolean> {
    if (this.#transport.isLost) return true;
    try {
      const deadline = AbortSignal.timeout(this.#dialect.killMs);
      const { exit } = await this.#transport.capture(this.#dialect.kill(base), undefined, deadline);
      return exit.exitCode !== NOT_RUNNING;
    } catch {
      // It was asked for, and the time for it is over.
      return true;
    }
  }
}
