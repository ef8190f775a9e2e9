/** The channel into a guest that has a POSIX shell, over whatever transport. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { AccessKind, GuestChannel, GuestCommand, GuestExit, GuestIo } from './channel.ts';
import { checkClock, clockScript } from './shell/clock.ts';
import { type CommandFiles, commandScript } from './shell/command-script.ts';
import { killScript } from './shell/kill.ts';
import type { GuestFacts } from './shell/probe.ts';
import { StepWatch } from './shell/step-watch.ts';
import {
  checkPacked,
  checkUnpacked,
  listScript,
  packList,
  packScript,
  parseList,
  unpackScript,
} from './shell/trees.ts';
import type { ScriptTransport } from './transport.ts';

/** Ending a command may take so long before its promise rejects all the same. */
const KILL_MS = 3_000;
/** The machine is about to go away; a guest that does not answer is not waited for. */
const TIDY_MS = 2_000;

export class PosixChannel implements GuestChannel {
  readonly kind: AccessKind;
  readonly hostKey?: string;
  readonly memory?: string;
  readonly #transport: ScriptTransport;
  readonly #facts: GuestFacts;
  /** A clone finds the files of its template's channel in the folder; theirs must not pass for ours. */
  readonly #own = randomBytes(3).toString('hex');
  #commands = 0;
  #closing: Promise<void> | undefined;

  constructor(
    transport: ScriptTransport,
    facts: GuestFacts,
    kind: AccessKind,
    { hostKey, memory }: { hostKey?: string; memory?: string } = {},
  ) {
    this.#transport = transport;
    this.#facts = facts;
    this.kind = kind;
    if (hostKey !== undefined) this.hostKey = hostKey;
    if (memory !== undefined) this.memory = memory;
  }

  async setClock(signal: AbortSignal): Promise<void> {
    if (await this.#transport.setClock?.(signal)) return;
    const script = clockScript(Math.round(Date.now() / 1000));
    const { exit } = await this.#transport.capture(script, undefined, signal);
    checkClock(exit);
  }

  async exec(command: GuestCommand, io: GuestIo, signal: AbortSignal): Promise<GuestExit> {
    signal.throwIfAborted();
    this.#commands += 1;
    const base = `${this.#facts.folder}/${this.#own}-${this.#commands}`;
    const files = { folder: this.#facts.folder, pid: `${base}.pid`, script: `${base}.script` };
    const secret = `vmtest-${randomBytes(8).toString('hex')}`;
    const script = commandScript(command, files, this.#facts.leader, secret);
    const watch = new StepWatch(io);
    try {
      const exit = await this.#transport.run(script, `${base}.command`, watch, signal);
      watch.check(exit, command, secret);
      return exit;
    } catch (error) {
      if (signal.aborted) await this.#kill(files);
      throw error;
    }
  }

  async upload(tar: Readable, folder: string, signal: AbortSignal): Promise<void> {
    const { gzip } = this.#facts;
    // Level 1 halves the time on slow ways in, and costs little on fast ones.
    const packed = gzip ? tar.pipe(createGzip({ level: 1 })) : tar;
    // Its reader learns of the error; it may come before there is one.
    packed.on('error', () => {});
    tar.on('error', (error) => packed.destroy(error));
    try {
      const captured = await this.#transport.send(unpackScript(folder, gzip), packed, signal);
      checkUnpacked(captured, folder);
    } finally {
      tar.destroy();
    }
  }

  async list(folder: string, signal: AbortSignal): Promise<string[]> {
    return parseList(await this.#transport.capture(listScript(folder), undefined, signal), folder);
  }

  async download(folder: string, files: readonly string[], signal: AbortSignal): Promise<Readable> {
    const check = (exit: GuestExit, stderr: string) => checkPacked(exit, stderr, folder);
    return Readable.from(this.#transport.receive(packScript(folder), packList(files), check, signal), {
      objectMode: false,
    });
  }

  close(tidy = true): Promise<void> {
    this.#closing ??= this.#close(tidy);
    return this.#closing;
  }

  async #close(tidy: boolean): Promise<void> {
    const tidies = tidy && !this.#transport.isLost;
    try {
      if (!tidies) return;
      await this.#transport.capture(`rm -rf ${this.#facts.folder}`, undefined, AbortSignal.timeout(TIDY_MS));
    } catch {
      // The guest is gone or busy; the folder goes away with the machine.
    } finally {
      await this.#transport.close(tidies);
    }
  }

  async #kill(files: CommandFiles): Promise<void> {
    if (this.#transport.isLost) return;
    try {
      await this.#transport.capture(killScript(files.pid), undefined, AbortSignal.timeout(KILL_MS));
    } catch {
      // It was asked for, and the time for it is over.
    }
  }
}
