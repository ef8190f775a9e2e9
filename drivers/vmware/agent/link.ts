/**
 * VMware Tools as an `AgentLink`, for POSIX guests. A call takes a `vmrun` on the host and a login in the guest, a second or two in
 * all, so a program costs three of them: its launcher goes in, runs, and everything that it has to say comes out in one file.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentLink, AgentPoll, AgentStartOptions } from '../../../src/guest/channel.ts';
import { quotePosix } from '../../../src/guest/shell/quote.ts';
import { toVmtestError, VmtestError } from '../../../src/host/errors.ts';
import type { AgentContext, VmRef } from '../../vm/control.ts';
import { GuestCommands } from './guest-commands.ts';
import { GuestReader } from './guest-reader.ts';
import { endFile, inputFile, launcherScript, type Outcome, parseOutcome } from './launcher.ts';

const CHUNK = 16 * 1024 * 1024;
/** Milliseconds. While a guest boots its Tools are up before its accounts are, and say that the password is wrong. */
const LOGIN_GRACE_MS = 60_000;
const TIDY_MS = 10_000;

/** A program that `vmrun` runs: how it ended, or why that is not known. */
interface Job {
  ended?: { outcome: Outcome } | { error: VmtestError };
}

export async function openAgent(vm: VmRef, context: AgentContext): Promise<AgentLink> {
  const transit = await mkdtemp(join(context.folder, 'vmrun-'));
  return new VmrunLink(new GuestCommands(vm.id, context, transit), transit);
}

class VmrunLink implements AgentLink {
  readonly chunk = CHUNK;
  readonly #guest: GuestCommands;
  readonly #transit: string;
  /** In the guest, private to its user; the name needs no quotes. */
  readonly #folder = `/tmp/vmtest-vmrun-${randomBytes(4).toString('hex')}`;
  readonly #reader: GuestReader;
  readonly #opened = performance.now();
  readonly #closed = new AbortController();
  readonly #jobs = new Map<string, Job>();
  #hasFolder = false;
  #files = 0;
  #garbage: string[] = [];

  constructor(guest: GuestCommands, transit: string) {
    this.#guest = guest;
    this.#transit = transit;
    this.#reader = new GuestReader(guest, `${this.#folder}/slice`);
  }

  async ping(signal: AbortSignal): Promise<void> {
    if (!(await this.#guest.areToolsRunning(signal))) throw toolsDown();
    if (this.#hasFolder) return;
    const script = `umask 077; mkdir -p ${this.#folder}`;
    try {
      const exit = await this.#guest.script(script, 'logging in to the guest', signal);
      if (exit !== 0) throw noFolder(this.#folder);
      this.#hasFolder = true;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#duringBoot(toVmtestError(error));
    }
  }

  async start(argv: readonly string[], options: AgentStartOptions, signal: AbortSignal): Promise<string> {
    const base = this.#newFile();
    const { input } = options;
    if (input) await this.#guest.copyIn(input, inputFile(base), signal);
    const script = launcherScript({ argv, options, base, garbage: this.#garbage });
    await this.#guest.copyIn(Buffer.from(script), `${base}.sh`, signal);
    this.#garbage = [endFile(base)];
    const job: Job = {};
    this.#jobs.set(base, job);
    // Not awaited: `poll` tells how it ends.
    void this.#run(base, options).then(
      (outcome) => {
        job.ended = { outcome };
      },
      (error: unknown) => {
        job.ended = { error: toVmtestError(error) };
      },
    );
    return base;
  }

  async poll(handle: string): Promise<AgentPoll> {
    const job = this.#jobs.get(handle);
    if (!job) throw new VmtestError('GUEST_AGENT_LOST', `there is no program ${handle}`, { retryable: true });
    if (!job.ended) return { exited: false };
    this.#jobs.delete(handle);
    if ('error' in job.ended) throw job.ended.error;
    const { exitCode, stdout, stderr, truncated } = job.ended.outcome;
    return { exited: true, exitCode, stdout, stderr, truncated };
  }

  read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    return this.#reader.read(path, offset, length, signal);
  }

  async write(
    path: string,
    data: Buffer,
    { append }: { append: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    this.#reader.forget(path);
    if (!append) return this.#guest.copyIn(data, path, signal);
    const piece = this.#newFile();
    await this.#guest.copyIn(data, piece, signal);
    const script = `cat ${piece} >>${quotePosix(path)}; code=$?; rm -f ${piece}; exit $code`;
    const exit = await this.#guest.script(script, `writing to ${path} in the guest`, signal);
    if (exit !== 0) throw new VmtestError('GUEST_AGENT_REFUSED', `the guest cannot write to ${path}`);
  }

  async close(tidy = false): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new VmtestError('GUEST_AGENT_LOST', 'the link to the guest was closed'));
    if (tidy && this.#hasFolder) {
      const signal = AbortSignal.timeout(TIDY_MS);
      await this.#guest.script(`rm -rf ${this.#folder}`, 'tidying up in the guest', signal).catch(() => {});
    }
    await rm(this.#transit, { recursive: true, force: true });
  }

  /** One `vmrun` lasts as long as the program. */
  async #run(base: string, options: AgentStartOptions): Promise<Outcome> {
    const { signal } = this.#closed;
    const bytes = await this.#endOf(base, signal);
    const outcome = parseOutcome(bytes, options);
    if (!outcome)
      throw new VmtestError('GUEST_AGENT_REFUSED', `the guest has not kept ${endFile(base)} whole`);
    for (const [path, { bytes: along, whole }] of outcome.outputs) this.#reader.keep(path, along, whole);
    return outcome;
  }

  async #endOf(base: string, signal: AbortSignal): Promise<Buffer> {
    try {
      await this.#guest.runFile(`${base}.sh`, 'running a program in the guest', signal);
      return await this.#guest.copyOut(endFile(base), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw fateUnknown(toVmtestError(error));
    }
  }

  #newFile(): string {
    this.#files += 1;
    return `${this.#folder}/${this.#files}`;
  }

  #duringBoot(error: VmtestError): VmtestError {
    const isEarly = performance.now() - this.#opened <= LOGIN_GRACE_MS;
    return error.code === 'GUEST_AUTH_FAILED' && isEarly ? error.with({ retryable: true }) : error;
  }
}

function toolsDown(): VmtestError {
  return new VmtestError('GUEST_AGENT_LOST', 'VMware Tools do not run in the guest yet', {
    hint: 'Are VMware Tools (open-vm-tools) installed in the guest, and has it booted?',
    retryable: true,
  });
}

/** Only a guest that goes on as before tells how a program ended. */
function fateUnknown(error: VmtestError): VmtestError {
  if (error.code !== 'GUEST_AGENT_REFUSED') return error;
  return new VmtestError(
    'GUEST_AGENT_LOST',
    `nobody knows how a program in the guest ended: ${error.message}`,
    {
      hint: 'Did the guest restart, or something end the program and the shell that watched it? Look at the end of console.log.',
      retryable: true,
      ...(error.details === undefined ? {} : { details: error.details }),
      cause: error,
    },
  );
}

function noFolder(folder: string): VmtestError {
  return new VmtestError('GUEST_NO_SPACE', `the folder ${folder} cannot be made in the guest`, {
    hint: 'Is its disk full or read-only?',
  });
}
