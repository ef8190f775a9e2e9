/**
 * A QEMU guest agent in this process: the real protocol on a socket, real programs and files of this host behind it.
 * It is as strict as the original (QEMU 7.2): replies in order and one at a time, unknown commands and arguments
 * refused, output kept up to 16 MiB, a status that can be read once, handles that must be known.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { guestClock } from './guest-clock.ts';
import { killGroup } from './guest-ssh-server.ts';

type Args = Record<string, unknown>;

export interface QgaOptions {
  folder: string;
  /**
   * The environment of programs, over this process's; undefined takes a variable away. Default: a PATH whose `date` does
   * not set the clock of this host.
   */
  env?: Record<string, string | undefined>;
}

class Refusal extends Error {
  readonly kind: string;
  constructor(kind: string, desc: string) {
    super(desc);
    this.kind = kind;
  }
}

const MOST_OUTPUT = 16 * 1024 * 1024;

export class TestQga {
  /** Commands carried out, in order. */
  readonly calls: { command: string; args: Args }[] = [];
  /** Commands that policy forbids. */
  readonly disabled = new Set<string>();
  /** Asked before each reply: milliseconds to wait, `swallow` to never answer, or nothing. */
  onReply: (command: string) => number | 'swallow' | undefined = () => undefined;
  /** The clock of the guest, milliseconds ahead of this host's. */
  clockOffset = 0;
  /** What `guest-set-time` says although it has set the time. */
  hwclockFails = false;
  path = '';
  readonly #options: QgaOptions;
  readonly #programs = new Map<number, Program>();
  readonly #files = new Map<number, OpenFile>();
  readonly #sockets = new Set<Socket>();
  #nextHandle = 1000;
  #socket: Socket | undefined;
  #queue: Promise<void> = Promise.resolve();
  #partial: Buffer[] = [];

  private constructor(options: QgaOptions) {
    this.#options = options;
  }

  static async start(options: QgaOptions): Promise<TestQga> {
    const { env } = await guestClock({ date: 'powerless', clock: 0 });
    const qga = new TestQga({ ...options, env: { PATH: env.PATH, ...options.env } });
    qga.path = join(options.folder, 'qga.sock');
    const server = createServer((socket) => qga.#accept(socket));
    await new Promise<void>((resolve) => server.listen(qga.path, resolve));
    onTestFinished(async () => {
      server.close();
      for (const socket of qga.#sockets) socket.destroy();
      for (const { child } of qga.#programs.values()) killGroup(child.pid);
      for (const { file } of qga.#files.values()) await file.close();
    });
    return qga;
  }

  connect(): Socket {
    return connect(this.path);
  }

  /** Bytes out of turn, as from a console that got mixed up with the port. */
  say(bytes: string | Buffer): void {
    this.#socket?.write(bytes);
  }

  /** What a restart of the agent does: handles and programs are forgotten, the port stays. */
  async restart(): Promise<void> {
    for (const { file } of this.#files.values()) await file.close();
    this.#files.clear();
    this.#programs.clear();
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  get openFiles(): number {
    return this.#files.size;
  }

  count(command: string): number {
    return this.calls.filter((call) => call.command === command).length;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    this.#socket = socket;
    this.#partial = [];
    socket.on('error', () => {});
    socket.on('data', (chunk) => this.#read(chunk, socket));
  }

  #read(chunk: Buffer, socket: Socket): void {
    let rest = chunk;
    for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
      const line = Buffer.concat([...this.#partial, rest.subarray(0, end)]);
      this.#partial = [];
      rest = rest.subarray(end + 1);
      this.#queue = this.#queue.then(() => this.#handle(line, socket));
    }
    this.#partial.push(rest);
  }

  async #handle(line: Buffer, socket: Socket): Promise<void> {
    const flush = line.lastIndexOf(0xff);
    if (flush !== -1) {
      const desc = `JSON parse error, stray '\uFFFD'`;
      socket.write(`${JSON.stringify({ error: { class: 'GenericError', desc } })}\n`);
    }
    const request = parseRequest(line.subarray(flush + 1));
    const command = request?.execute ?? '';
    const answer = await this.#answer(command, request?.arguments ?? {});
    const wait = this.onReply(command);
    if (wait === 'swallow') return;
    if (wait !== undefined) await delay(wait);
    if (socket.destroyed) return;
    const text = Buffer.from(`${JSON.stringify(answer)}\n`);
    socket.write(command === 'guest-sync-delimited' ? Buffer.concat([Buffer.from([0xff]), text]) : text);
  }

  async #answer(command: string, args: Args): Promise<object> {
    try {
      if (this.disabled.has(command)) {
        throw new Refusal('CommandNotFound', `The command ${command} has been disabled for this instance`);
      }
      const known = COMMANDS[command];
      if (!known) throw new Refusal('CommandNotFound', `The command ${command} has not been found`);
      for (const name of Object.keys(args)) {
        if (!known.includes(name)) throw new Refusal('GenericError', `Parameter '${name}' is unexpected`);
      }
      this.calls.push({ command, args });
      return { return: await this.#run(command, args) };
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal('GenericError', String(error));
      return { error: { class: refusal.kind, desc: refusal.message } };
    }
  }

  async #run(command: string, args: Args): Promise<unknown> {
    switch (command) {
      case 'guest-sync-delimited':
        return args['id'];
      case 'guest-ping':
        return {};
      case 'guest-exec':
        return this.#exec(args);
      case 'guest-exec-status':
        return this.#status(Number(args['pid']));
      case 'guest-file-open':
        return this.#open(String(args['path']), String(args['mode'] ?? 'r'));
      case 'guest-file-read': {
        const from = this.#file(args);
        const buffer = Buffer.alloc(Number(args['count'] ?? 4096));
        const { bytesRead } = await from.file.read(buffer, 0, buffer.length, from.position);
        from.position += bytesRead;
        const data = buffer.subarray(0, bytesRead);
        return { count: bytesRead, 'buf-b64': data.toString('base64'), eof: bytesRead < buffer.length };
      }
      case 'guest-file-write': {
        const data = Buffer.from(String(args['buf-b64']), 'base64');
        const { bytesWritten } = await this.#file(args).file.write(data);
        return { count: bytesWritten, eof: false };
      }
      case 'guest-file-seek': {
        if (args['whence'] !== 0) throw new Refusal('GenericError', "Invalid parameter 'whence'");
        this.#file(args).position = Number(args['offset']);
        return { position: args['offset'], eof: false };
      }
      case 'guest-file-close':
        await this.#file(args).file.close();
        this.#files.delete(Number(args['handle']));
        return {};
      case 'guest-get-time':
        return (Date.now() + this.clockOffset) * 1e6;
      default:
        this.clockOffset = Number(args['time']) / 1e6 - Date.now();
        if (this.hwclockFails)
          throw new Refusal('GenericError', 'hwclock failed to set hardware clock to system time');
        return {};
    }
  }

  async #exec(args: Args): Promise<{ pid: number }> {
    const { path, arg = [], env } = args as { path: string; arg?: string[]; env?: string[] };
    const given = env?.map((each) => [each.split('=', 1)[0], each.slice(each.indexOf('=') + 1)]);
    const child = spawn(path, arg, {
      cwd: '/',
      env: given ? Object.fromEntries(given) : { ...process.env, ...this.#options.env },
      stdio: ['pipe', args['capture-output'] ? 'pipe' : 'ignore', args['capture-output'] ? 'pipe' : 'ignore'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', () =>
        reject(
          new Refusal(
            'GenericError',
            `Guest agent command failed, error was 'Failed to execute child process “${path}” (No such file or directory)'`,
          ),
        ),
      );
    });
    const program = new Program(child);
    child.stdin?.on('error', () => {});
    child.stdin?.end(Buffer.from(String(args['input-data'] ?? ''), 'base64'));
    this.#programs.set(child.pid ?? 0, program);
    return { pid: child.pid ?? 0 };
  }

  #status(pid: number): object {
    const program = this.#programs.get(pid);
    if (!program) throw new Refusal('GenericError', "Invalid parameter 'pid'");
    const status = program.status();
    if (status.exited) this.#programs.delete(pid);
    return status;
  }

  async #open(path: string, mode: string): Promise<number> {
    const handle = this.#nextHandle;
    try {
      this.#files.set(handle, { file: await open(path, mode), position: 0 });
    } catch {
      throw new Refusal(
        'GenericError',
        `failed to open file '${path}' (mode: '${mode}'): No such file or directory`,
      );
    }
    this.#nextHandle += 1;
    return handle;
  }

  #file(args: Args): OpenFile {
    const file = this.#files.get(Number(args['handle']));
    if (!file) throw new Refusal('GenericError', `handle '${args['handle']}' has not been found`);
    return file;
  }
}

interface OpenFile {
  file: FileHandle;
  position: number;
}

/** A program that the agent started, with what it keeps of its output. */
class Program {
  readonly child: ChildProcess;
  readonly #out = new Kept();
  readonly #err = new Kept();
  #exit: { exitcode: number } | { signal: number } | undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (chunk: Buffer) => this.#out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#err.push(chunk));
    child.once('close', (code, signal) => {
      this.#exit = signal ? { signal: constants.signals[signal] } : { exitcode: code ?? 0 };
    });
  }

  status(): { exited: boolean } & Record<string, unknown> {
    if (!this.#exit) return { exited: false };
    return { exited: true, ...this.#exit, ...this.#out.as('out'), ...this.#err.as('err') };
  }
}

class Kept {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): void {
    if (this.#bytes < MOST_OUTPUT) this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  as(name: 'out' | 'err'): object {
    if (this.#bytes === 0) return {};
    const kept = Buffer.concat(this.#chunks).subarray(0, MOST_OUTPUT);
    const truncated = this.#bytes > MOST_OUTPUT ? { [`${name}-truncated`]: true } : {};
    return { [`${name}-data`]: kept.toString('base64'), ...truncated };
  }
}

const COMMANDS: Record<string, string[]> = {
  'guest-sync-delimited': ['id'],
  'guest-ping': [],
  'guest-exec': ['path', 'arg', 'env', 'input-data', 'capture-output'],
  'guest-exec-status': ['pid'],
  'guest-file-open': ['path', 'mode'],
  'guest-file-read': ['handle', 'count'],
  'guest-file-write': ['handle', 'buf-b64', 'count'],
  'guest-file-seek': ['handle', 'offset', 'whence'],
  'guest-file-close': ['handle'],
  'guest-get-time': [],
  'guest-set-time': ['time'],
};

function parseRequest(line: Buffer): { execute?: string; arguments?: Args } | undefined {
  try {
    return JSON.parse(line.toString()) as { execute?: string; arguments?: Args };
  } catch {
    return undefined;
  }
}
