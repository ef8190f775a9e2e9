/** A running QEMU: the process, its control connection, and what it says on stderr, which is part of every error. */
import { abortable } from '../../src/host/abortable.ts';
import { linkSignal, withDeadline } from '../../src/host/deadline.ts';
import type { VmtestError } from '../../src/host/errors.ts';
import type { Argv, Child } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';
import { WatchedProcess } from '../../src/host/watched-process.ts';
import { explain, lastLine } from './errors.ts';
import { openQmp, type Qmp } from './qmp.ts';
import { connectWhenThere } from './unix-socket.ts';

export interface QemuProcess {
  readonly pid: number;
  readonly qmp: Qmp;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Child['ended'];
  /** How it ended, with the last that it said, in one line. */
  epitaph(): string;
  /**
   * Ends it in an orderly way, with its disks flushed and closed.
   * @throws VmtestError `QEMU_GONE` when it ends in another way, the signal's reason when it takes too long.
   */
  quit(signal: AbortSignal): Promise<void>;
  /** Ends it for certain: asks by QMP, then kills. Resolves when it has ended. Idempotent. */
  end(): Promise<void>;
  /** True as soon as it has ended, false when it has not in time. */
  endsWithin(ms: number): Promise<boolean>;
  /** Lets it run on after this process: no connection, no pipe, no wait. */
  detach(): void;
}

const START_MS = 60_000;
const QUIT_MS = 2_000;
/** The process closes its sockets some milliseconds before it is reaped. */
const LAST_WORDS_MS = 2_000;

/**
 * Starts QEMU and connects to its QMP socket. When that fails, by abort too, no process is left.
 * @throws VmtestError by what QEMU said (see `errors.ts`), else `QEMU_START_FAILED`.
 */
export async function startQemu(
  host: Host,
  argv: Argv,
  qmpSocket: string,
  signal: AbortSignal,
): Promise<QemuProcess> {
  signal.throwIfAborted();
  const process = await WatchedProcess.start(host.spawn, argv, 'QEMU');
  host.log(`qemu: process ${process.pid}: ${argv.join(' ')}`);
  const running = new Running(process);
  try {
    await withDeadline(signal, START_MS, 'starting QEMU', (deadline) => running.connect(qmpSocket, deadline));
    return running;
  } catch (error) {
    await running.end();
    throw error;
  }
}

class Running implements QemuProcess {
  readonly pid: number;
  readonly ended: Child['ended'];
  readonly #process: WatchedProcess;
  #qmp: Qmp | undefined;
  #ending: Promise<void> | undefined;

  constructor(process: WatchedProcess) {
    this.#process = process;
    this.pid = process.pid;
    this.ended = process.ended;
  }

  get qmp(): Qmp {
    if (!this.#qmp) throw new Error('not connected yet');
    return this.#qmp;
  }

  /** The socket may never appear: its connect is raced against the end of the process. */
  async connect(path: string, signal: AbortSignal): Promise<void> {
    const link = linkSignal(signal);
    void this.ended.then(() => link.abort(this.#gone('QEMU_START_FAILED', 'starting QEMU')));
    try {
      const socket = await connectWhenThere(path, link.signal);
      this.#qmp = await openQmp(socket, link.signal, () => this.#whyClosed());
    } finally {
      link.unlink();
    }
  }

  epitaph(): string {
    return this.#process.epitaph(lastLine);
  }

  async quit(signal: AbortSignal): Promise<void> {
    await this.qmp.execute('quit', undefined, { signal });
    const { exitCode } = await abortable(this.ended, signal);
    if (exitCode !== 0) throw this.#gone('QEMU_GONE', 'closing the machine');
  }

  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  detach(): void {
    this.#qmp?.close();
    this.#process.unref();
  }

  async #end(): Promise<void> {
    this.#qmp?.execute('quit').catch(() => {});
    if (this.#qmp && (await this.endsWithin(QUIT_MS))) return;
    await this.#process.kill({ code: 'QEMU_UNKILLABLE', what: `QEMU (process ${this.pid})` });
  }

  endsWithin(ms: number): Promise<boolean> {
    return this.#process.endsWithin(ms);
  }

  async #whyClosed(): Promise<VmtestError> {
    await this.endsWithin(LAST_WORDS_MS);
    return this.#gone('QEMU_GONE', 'talking to QEMU');
  }

  #gone(code: string, doing: string): VmtestError {
    return explain(this.#process.words(), { code, doing, retryable: code === 'QEMU_GONE' });
  }
}
