/**
 * `VBoxManage guestcontrol` as an `AgentLink`. Each call is a login of its own, a second or so; and it is one program for
 * the whole time that a guest's program runs. No list of processes shows a secret: the password goes in by stdin, and what
 * people have written is a file, which costs a login more.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { AgentLink, AgentPoll, AgentStartOptions } from '../../src/guest/channel.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { ExecResult } from '../../src/host/exec.ts';
import type { AgentContext, VmRef } from '../vm/control.ts';
import { explainGuest } from './errors.ts';
import { unwrapOutput, wrapProgram } from './guest-script.ts';
import { runTool, saysError } from './tool.ts';

/** Milliseconds. A session is given 30 s to begin. */
const PING_MS = 10_000;
const CALL_MS = 120_000;
/** A guest's program ends when its channel says so. */
const PROGRAM_MS = 7 * 24 * 3_600_000;

/** Each piece costs two logins. */
const CHUNK = 8 * 1024 * 1024;
/** What comes through stdout, as text that survives it; more is copied. */
const BY_STDOUT = 64 * 1024;

export function createGuestControlLink(vm: VmRef, context: AgentContext): AgentLink {
  return new GuestControlLink(vm, context);
}

class GuestControlLink implements AgentLink {
  readonly chunk = CHUNK;
  readonly showsWords = true;
  readonly #vm: VmRef;
  readonly #context: AgentContext;
  readonly #running = new Map<string, { ended?: AgentPoll | Error }>();
  readonly #scratch = `/tmp/.vmtest-${randomBytes(6).toString('hex')}`;
  #handles = 0;
  #folder: Promise<string> | undefined;

  constructor(vm: VmRef, context: AgentContext) {
    this.#vm = vm;
    this.#context = context;
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.#shell(':', [], signal, PING_MS);
  }

  async start(argv: readonly string[], { input }: AgentStartOptions, signal: AbortSignal): Promise<string> {
    this.#handles += 1;
    const handle = String(this.#handles);
    const words = input === undefined ? argv : await this.#withFile(argv, input, handle, signal);
    const started: { ended?: AgentPoll | Error } = {};
    this.#running.set(handle, started);
    this.#program(words, signal).then(
      (state) => {
        started.ended = state;
      },
      (error: Error) => {
        started.ended = error;
      },
    );
    return handle;
  }

  async poll(handle: string): Promise<AgentPoll> {
    const ended = this.#running.get(handle)?.ended;
    if (ended === undefined) return { exited: false };
    this.#running.delete(handle);
    if (ended instanceof Error) throw ended;
    return ended;
  }

  async read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const slice = `tail -c +"$2" "$1" | head -c "$3"`;
    const readable = '[ -r "$1" ] || { echo "cannot read $1" >&2; exit 1; }';
    const args = [path, String(offset + 1), String(length)];
    if (length <= BY_STDOUT) {
      const text = await this.#shell(`${readable}\n${slice} | base64`, args, signal);
      return Buffer.from(text, 'base64');
    }
    const piece = `${this.#scratch}.out`;
    await this.#shell(`${readable}\numask 077; ${slice} >${piece}`, args, signal);
    const here = join(await this.#hostFolder(), 'out');
    await this.#copy('copyfrom', piece, here, signal);
    return readFile(here);
  }

  async write(
    path: string,
    data: Buffer,
    { append }: { append: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const piece = `${this.#scratch}.in`;
    await this.#copyIn(data, piece, signal);
    await this.#shell(`cat ${piece} ${append ? '>>' : '>'}"$1" && rm -f ${piece}`, [path], signal);
  }

  async close(): Promise<void> {
    const folder = await this.#folder;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  async #withFile(
    argv: readonly string[],
    input: Buffer,
    handle: string,
    signal: AbortSignal,
  ): Promise<string[]> {
    const file = `${this.#scratch}.${handle}`;
    await this.#copyIn(input, file, signal);
    return ['/bin/sh', '-c', `exec <${file}; rm -f ${file}; exec "$@"`, 'sh', ...argv];
  }

  /** A short script of our own. @throws VmtestError `GUEST_AGENT_REFUSED` when it fails. */
  async #shell(script: string, args: string[], signal: AbortSignal, timeout = CALL_MS): Promise<string> {
    const argv = ['/bin/sh', '-c', script, 'sh', ...args];
    const { exitCode, stdout, stderr } = await this.#program(argv, signal, timeout);
    if (exitCode === 0) return String(stdout);
    throw new VmtestError('GUEST_AGENT_REFUSED', `the guest said ${JSON.stringify(String(stderr).trim())}`);
  }

  async #program(
    argv: readonly string[],
    signal: AbortSignal,
    timeout = PROGRAM_MS,
  ): Promise<Extract<AgentPoll, { exited: true }>> {
    const mark = `vmtest-${randomBytes(8).toString('hex')}`;
    const [program = '', ...rest] = wrapProgram(argv, mark);
    // Without --exe the first word is the program, in the versions before 7.1 and in those since.
    const words = ['run', ...this.#login(), '--', program, ...rest];
    const { exitCode, stdout, stderr } = await this.#guestControl(words, signal, timeout);
    const ended = unwrapOutput(stdout, stderr, mark);
    if (ended) return ended;
    if (saysError(stderr)) throw explainGuest(stderr, `running a program in ${this.#vm.name}`);
    throw new VmtestError(
      'GUEST_AGENT_LOST',
      `guestcontrol lost the end of a program (exit code ${exitCode})`,
      {
        retryable: true,
        details: stderr,
      },
    );
  }

  async #copyIn(data: Buffer, to: string, signal: AbortSignal): Promise<void> {
    const here = join(await this.#hostFolder(), posix.basename(to));
    try {
      await writeFile(here, data, { mode: 0o600 });
      await this.#copy('copyto', here, to, signal);
    } finally {
      await rm(here, { force: true });
    }
  }

  async #copy(verb: 'copyto' | 'copyfrom', from: string, to: string, signal: AbortSignal): Promise<void> {
    const { exitCode, stderr } = await this.#guestControl(
      [verb, ...this.#login(), from, to],
      signal,
      CALL_MS,
    );
    if (exitCode !== 0 || saysError(stderr)) throw explainGuest(stderr, `copying a file (${verb})`);
  }

  #guestControl(words: string[], signal: AbortSignal, timeout: number): Promise<ExecResult> {
    const { host, target, folder } = this.#context;
    return runTool(host, ['guestcontrol', this.#vm.id, ...words], {
      signal,
      timeout,
      pipes: folder,
      doing: `guestcontrol ${words[0]}`,
      input: `${target.guest.password ?? ''}\n`,
    });
  }

  #login(): string[] {
    return ['--username', this.#context.target.guest.user, '--passwordfile', 'stdin'];
  }

  #hostFolder(): Promise<string> {
    this.#folder ??= mkdtemp(join(this.#context.folder, 'guestcontrol-'));
    return this.#folder;
  }
}
