/** `vmrun`'s commands for a guest: files in and out, scripts, programs. All need VMware Tools and a login. */
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VmContext } from '../../vm/control.ts';
import { isFailure, parseGuestExit } from '../parse.ts';
import { areToolsRunning } from '../tools.ts';
import { attempt, failure, vmrun } from '../vmrun.ts';

/** Milliseconds. A large file through the Tools takes its time: some 10 MB a second. */
const COPY_MS = 300_000;
const SCRIPT_MS = 120_000;
/** Programs run as long as whoever waits for them lets them; this only ends a vmrun that nobody remembers. */
const PROGRAM_MS = 24 * 3_600_000;

export class GuestCommands {
  readonly #vmx: string;
  readonly #context: VmContext;
  /** On the host: files on their way. */
  readonly #transit: string;

  constructor(vmx: string, context: VmContext, transit: string) {
    this.#vmx = vmx;
    this.#context = context;
    this.#transit = transit;
  }

  areToolsRunning(signal: AbortSignal): Promise<boolean> {
    return areToolsRunning(this.#vmx, this.#of(signal));
  }

  async copyIn(data: Buffer, path: string, signal: AbortSignal): Promise<void> {
    await this.#inTransit(async (file) => {
      await writeFile(file, data, { mode: 0o600 });
      await vmrun(this.#of(signal), ['copyFileFromHostToGuest', this.#vmx, file, path], {
        ...inGuest(`writing ${path} in the guest`),
        timeout: COPY_MS,
      });
    });
  }

  async copyOut(path: string, signal: AbortSignal): Promise<Buffer> {
    return this.#inTransit(async (file) => {
      await vmrun(this.#of(signal), ['copyFileFromGuestToHost', this.#vmx, path, file], {
        ...inGuest(`reading ${path} in the guest`),
        timeout: COPY_MS,
      });
      return readFile(file);
    });
  }

  /**
   * Runs a short script without secrets: it stands on the command line, where everybody on the host can read it.
   * @returns its exit code.
   */
  script(text: string, doing: string, signal: AbortSignal): Promise<number> {
    return this.#exitOf(['runScriptInGuest', this.#vmx, '/bin/sh', text], doing, SCRIPT_MS, signal);
  }

  /** Runs a script that lies in the guest, for as long as it takes. Its path must not need quotes. */
  runFile(path: string, doing: string, signal: AbortSignal): Promise<number> {
    return this.#exitOf(['runProgramInGuest', this.#vmx, '/bin/sh', path], doing, PROGRAM_MS, signal);
  }

  async #exitOf(
    command: [string, ...string[]],
    doing: string,
    timeout: number,
    signal: AbortSignal,
  ): Promise<number> {
    const context = this.#of(signal);
    const call = { ...inGuest(doing), timeout };
    const result = await attempt(context, command, call);
    const exit = parseGuestExit(`${result.stdout}\n${result.stderr}`);
    if (exit !== undefined) return exit;
    if (isFailure(result)) throw failure(context, result, call);
    return 0;
  }

  async #inTransit<T>(work: (file: string) => Promise<T>): Promise<T> {
    const file = join(this.#transit, randomBytes(6).toString('hex'));
    try {
      return await work(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  /** Each call has a signal of its own; that of the context is long gone. */
  #of(signal: AbortSignal): VmContext {
    return { ...this.#context, signal };
  }
}

function inGuest(doing: string): { doing: string; code: string; inGuest: true } {
  return { doing, code: 'GUEST_AGENT_REFUSED', inGuest: true };
}
