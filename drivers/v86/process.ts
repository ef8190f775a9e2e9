/** A machine's process: how it is started, talked to and ended, and what it says on stderr, which is part of errors. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { linkSignal, sleep, withDeadline } from '../../src/host/deadline.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { Child } from '../../src/host/exec.ts';
import type { Host, Lease } from '../../src/host/host.ts';
import { identityOf } from '../../src/host/process-identity.ts';
import { ControlLink, listen } from './control-link.ts';
import { explain, telling } from './errors.ts';
import type { MachineFiles } from './machine-files.ts';
import { machineProgram } from './package.ts';
import type { MachineSpec } from './protocol.ts';

/** Loading takes a fifth of a second; a busy host with a large state may take long. */
const START_MS = 60_000;
const QUIT_MS = 2_000;
const KILLED_MS = 10_000;
/** The process closes its connection some milliseconds before it is reaped. */
const LAST_WORDS_MS = 2_000;
const KEPT_STDERR = 64 * 1024;

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
  const server = await listen(files.control);
  try {
    const stderr = new Tail();
    const argv = [...machineProgram(), '--name', files.name] as const;
    const child = await host.spawn([...argv, '--control', files.control, '--spec', files.spec] as never, {
      onStderr: (text) => stderr.add(text),
    });
    const process = new MachineProcess(child, stderr);
    try {
      await lease.note({ process: identityOf(child.pid) });
      host.log(`v86: process ${child.pid} of ${files.name}`);
      await withDeadline(signal, START_MS, 'loading the machine', (deadline) =>
        process.connect(server, deadline),
      );
      return process;
    } catch (error) {
      await process.end();
      throw error;
    }
  } finally {
    server.close();
  }
}

export class MachineProcess {
  readonly pid: number;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Child['ended'];
  readonly #child: Child;
  readonly #stderr: Tail;
  #link: ControlLink | undefined;
  #how: string | undefined;
  #ending: Promise<void> | undefined;

  constructor(child: Child, stderr: Tail) {
    this.#child = child;
    this.#stderr = stderr;
    this.pid = child.pid;
    this.ended = child.ended;
    void child.ended.then(({ exitCode, signal }) => {
      this.#how =
        signal === undefined
          ? `the machine's process ended with ${exitCode}`
          : `the machine's process was ended by ${signal}`;
    });
  }

  get link(): ControlLink {
    if (!this.#link) throw new Error('not connected yet');
    return this.#link;
  }

  /** The process may never come: the wait is raced against its end. */
  async connect(server: Server, signal: AbortSignal): Promise<void> {
    const link = linkSignal(signal);
    void this.ended.then(() => link.abort(this.#gone('V86_START_FAILED', 'starting the machine')));
    try {
      const [socket] = (await once(server, 'connection', { signal: link.signal })) as [Socket];
      this.#link = new ControlLink(socket, () => this.#whyClosed());
      await orAborted(this.#link.ready, link.signal);
    } catch (error) {
      link.signal.throwIfAborted();
      throw error;
    } finally {
      link.unlink();
    }
  }

  /** How it ended, with what it said, in one line. */
  epitaph(): string {
    return [this.#how ?? "the machine's process ended", telling(this.#stderr.text())]
      .filter((part) => part !== '')
      .join(': ');
  }

  /** Ends it for certain: asks, then kills. Resolves when it has ended. Idempotent. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** Lets it run on after this process: no connection, no pipe, no wait. */
  detach(): void {
    this.#link?.close();
    this.#child.unref();
  }

  async #end(): Promise<void> {
    // One that was kept has no connection any more, and only a signal reaches it.
    this.#link?.request('quit', {}, AbortSignal.timeout(QUIT_MS)).catch(() => {});
    this.#link?.close();
    if (this.#link && (await this.#endsWithin(QUIT_MS))) return;
    this.#child.kill('SIGKILL');
    if (await this.#endsWithin(KILLED_MS)) return;
    throw new VmtestError('V86_UNKILLABLE', `the machine's process ${this.pid} does not end, even killed`, {
      hint: 'It hangs in the kernel, most likely on storage that does not answer.',
    });
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const late = sleep(ms, timer.signal).then(
      () => false,
      () => false,
    );
    const inTime = await Promise.race([this.ended.then(() => true), late]);
    timer.abort();
    return inTime;
  }

  async #whyClosed(): Promise<VmtestError> {
    await this.#endsWithin(LAST_WORDS_MS);
    return this.#gone('V86_GONE', 'talking to the machine');
  }

  #gone(code: string, doing: string): VmtestError {
    const words = [this.#how ?? '', this.#stderr.text()].join('\n').trim();
    return explain(words, { code, doing, retryable: code === 'V86_GONE' });
  }
}

function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    void promise.then(resolve).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The end of a text that may be long. */
class Tail {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-KEPT_STDERR);
  }

  text(): string {
    return this.#text;
  }
}
