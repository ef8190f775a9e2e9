/** A machine's process: how it is started, talked to and ended, and what it says on stderr, which is part of errors. */
import { writeFile } from 'node:fs/promises';
import { abortable } from '../../src/host/abortable.ts';
import { linkSignal, withDeadline } from '../../src/host/deadline.ts';
import type { VmtestError } from '../../src/host/errors.ts';
import type { Child } from '../../src/host/exec.ts';
import type { Host, Lease } from '../../src/host/host.ts';
import { OneConnection } from '../../src/host/one-connection.ts';
import { identityOf } from '../../src/host/process-identity.ts';
import { WatchedProcess } from '../../src/host/watched-process.ts';
import { ControlLink } from './control-link.ts';
import { explain, telling } from './errors.ts';
import type { MachineFiles } from './machine-files.ts';
import { machineProgram } from './package.ts';
import type { MachineSpec } from './protocol.ts';

/** Loading takes a fifth of a second; a busy host with a large state may take long. */
const START_MS = 60_000;
const QUIT_MS = 2_000;
/** The process closes its connection some milliseconds before it is reaped. */
const LAST_WORDS_MS = 2_000;

export interface ProcessContext {
  host: Host;
  lease: Lease;
  signal: AbortSignal;
}

/**
 * Starts a machine's process and waits until the machine is loaded. When that fails, by abort too, no process is left.
 * @throws VmtestError by what the process said (see `errors.ts`), else `V86_START_FAILED`.
 */
export async function startProcess(
  files: MachineFiles,
  spec: MachineSpec,
  { host, lease, signal }: ProcessContext,
): Promise<MachineProcess> {
  signal.throwIfAborted();
  await writeFile(files.spec, `${JSON.stringify(spec, null, 2)}\n`, { mode: 0o600 });
  // Before the process starts, so that nobody has to look again and again whether it is there.
  const control = await OneConnection.listen(files.control);
  try {
    const argv = [...machineProgram(), '--name', files.name] as const;
    const watched = await WatchedProcess.start(
      host.spawn,
      [...argv, '--control', files.control, '--spec', files.spec] as never,
      "the machine's process",
    );
    const process = new MachineProcess(watched);
    try {
      await lease.note({ process: identityOf(process.pid) });
      host.log(`v86: process ${process.pid} of ${files.name}`);
      await withDeadline(signal, START_MS, 'loading the machine', (deadline) =>
        process.connect(control, deadline),
      );
      return process;
    } catch (error) {
      await process.end();
      throw error;
    }
  } finally {
    control.close();
  }
}

export class MachineProcess {
  readonly pid: number;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Child['ended'];
  readonly #process: WatchedProcess;
  #link: ControlLink | undefined;
  #ending: Promise<void> | undefined;

  constructor(process: WatchedProcess) {
    this.#process = process;
    this.pid = process.pid;
    this.ended = process.ended;
  }

  get link(): ControlLink {
    if (!this.#link) throw new Error('not connected yet');
    return this.#link;
  }

  /** The process may never come: the wait is raced against its end. */
  async connect(control: OneConnection, signal: AbortSignal): Promise<void> {
    const link = linkSignal(signal);
    void this.ended.then(() => link.abort(this.#gone('V86_START_FAILED', 'starting the machine')));
    try {
      const socket = await control.accept(link.signal);
      this.#link = new ControlLink(socket, () => this.#whyClosed());
      await abortable(this.#link.ready, link.signal);
    } catch (error) {
      link.signal.throwIfAborted();
      throw error;
    } finally {
      link.unlink();
    }
  }

  /** How it ended, with what it said, in one line. */
  epitaph(): string {
    return this.#process.epitaph(telling);
  }

  /** Ends it for certain: asks, then kills. Resolves when it has ended. Idempotent. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** Lets it run on after this process: no connection, no pipe, no wait. */
  detach(): void {
    this.#link?.close();
    this.#process.unref();
  }

  async #end(): Promise<void> {
    // One that was kept has no connection any more, and only a signal reaches it.
    this.#link?.request('quit', {}, AbortSignal.timeout(QUIT_MS)).catch(() => {});
    this.#link?.close();
    if (this.#link && (await this.#process.endsWithin(QUIT_MS))) return;
    await this.#process.kill({ code: 'V86_UNKILLABLE', what: `the machine's process ${this.pid}` });
  }

  async #whyClosed(): Promise<VmtestError> {
    await this.#process.endsWithin(LAST_WORDS_MS);
    return this.#gone('V86_GONE', 'talking to the machine');
  }

  #gone(code: string, doing: string): VmtestError {
    return explain(this.#process.words(), { code, doing, retryable: code === 'V86_GONE' });
  }
}
