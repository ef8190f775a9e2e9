/** QEMU's guest agent (qemu and libvirt) as an `AgentLink`. */
import type { Duplex } from 'node:stream';
import { VmtestError } from '../../host/errors.ts';
import type { AgentLink, AgentPoll, AgentStartOptions } from '../channel.ts';
import { type AgentAnswer, type AgentCommand, askAgent, type ExecStatus } from './qga-answers.ts';
import { type QgaCalls, QgaConnection } from './qga-connection.ts';
import { agentLost } from './qga-errors.ts';
import { QgaFiles } from './qga-files.ts';

/** Milliseconds. A starved, emulated guest may take seconds for a piece of a file. */
const CALL_MS = 60_000;
const PING_MS = 2_000;
const CLOSE_MS = 1_000;

/** Larger pieces are no faster (measured: 64 KiB to 8 MiB all alike under emulation), and are awaited longer on abort. */
const CHUNK = 1024 * 1024;

const NANOSECONDS = 1e6;
const CLOCK_TOLERANCE_MS = 1_000;

export interface QgaLimits {
  /** Bytes of one read or write. Default: 1 MiB. */
  chunk?: number;
  /** Bytes of a program's input. Default: any. */
  mostInput?: number;
}

/** @param stream a connection to the agent's port, such as a `net.Socket`; it is the link's own from now on. */
export function createQgaLink(stream: Duplex): AgentLink {
  return new QgaLink(new QgaConnection(stream));
}

/** For engines that pass the agent's commands on. */
export function createQgaLinkOver(calls: QgaCalls, limits: QgaLimits): AgentLink {
  return new QgaLink(calls, limits);
}

class QgaLink implements AgentLink {
  readonly chunk: number;
  readonly mostInput?: number;
  readonly #connection: QgaCalls;
  readonly #files: QgaFiles;

  constructor(connection: QgaCalls, { chunk = CHUNK, mostInput }: QgaLimits = {}) {
    this.chunk = chunk;
    if (mostInput !== undefined) this.mostInput = mostInput;
    this.#connection = connection;
    this.#files = new QgaFiles(connection);
  }

  ping(signal: AbortSignal): Promise<void> {
    return this.#connection.sync({ signal, deadline: PING_MS });
  }

  async start(argv: readonly string[], options: AgentStartOptions, signal: AbortSignal): Promise<string> {
    const [path, ...arg] = argv;
    const { pid } = await this.#call(
      'guest-exec',
      {
        path,
        arg,
        'capture-output': options.capture,
        ...(options.input ? { 'input-data': options.input.toString('base64') } : {}),
      },
      signal,
    );
    return String(pid);
  }

  async poll(handle: string, signal: AbortSignal): Promise<AgentPoll> {
    const status = await this.#status(Number(handle), signal);
    if (!status.exited) return { exited: false };
    return {
      exited: true,
      ...(status.exitcode === undefined ? {} : { exitCode: status.exitcode }),
      ...(status.signal === undefined ? {} : { signal: status.signal }),
      stdout: Buffer.from(status['out-data'] ?? '', 'base64'),
      stderr: Buffer.from(status['err-data'] ?? '', 'base64'),
      truncated: Boolean(status['out-truncated'] || status['err-truncated']),
    };
  }

  read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    return this.#files.read(path, offset, length, { signal, deadline: CALL_MS });
  }

  write(path: string, data: Buffer, { append }: { append: boolean }, signal: AbortSignal): Promise<void> {
    return this.#files.write(path, data, append, this.chunk, { signal, deadline: CALL_MS });
  }

  async setClock(epochMs: number, signal: AbortSignal): Promise<void> {
    const asked = performance.now();
    const now = () => epochMs + performance.now() - asked;
    try {
      await this.#call('guest-set-time', { time: Math.round(now() * NANOSECONDS) }, signal);
    } catch (error) {
      // It sets the time, then fails for want of `hwclock` (a package of its own in newer systems).
      const isSet =
        error instanceof VmtestError &&
        error.code === 'GUEST_AGENT_REFUSED' &&
        Math.abs((await this.#guestTime(signal)) - now()) <= CLOCK_TOLERANCE_MS;
      if (!isSet) throw error;
    }
  }

  close(): void {
    if (this.#connection.lost) return;
    const signal = AbortSignal.timeout(CLOSE_MS);
    void this.#files
      .close({ signal, deadline: CLOSE_MS })
      .catch(() => {})
      .then(() => this.#connection.close());
  }

  async #status(pid: number, signal: AbortSignal): Promise<ExecStatus> {
    try {
      return await this.#call('guest-exec-status', { pid }, signal);
    } catch (error) {
      if (!(error instanceof VmtestError) || error.code !== 'GUEST_AGENT_REFUSED') throw error;
      throw agentLost('it was restarted, and knows nothing of the command', error);
    }
  }

  async #guestTime(signal: AbortSignal): Promise<number> {
    return (await this.#call('guest-get-time', undefined, signal)) / NANOSECONDS;
  }

  #call<K extends AgentCommand>(
    command: K,
    args: object | undefined,
    signal: AbortSignal,
  ): Promise<AgentAnswer<K>> {
    return askAgent(this.#connection, command, args, { signal, deadline: CALL_MS });
  }
}
