/** `prlctl exec` as an agent: programs that outlive the command that starts them, and files as text. */
import { randomBytes } from 'node:crypto';
import { agentLost } from '../../src/guest/agent/qga-errors.ts';
import type { AgentLink, AgentPoll, AgentStartOptions } from '../../src/guest/channel.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { Host } from '../../src/host/host.ts';
import type { VmRef } from '../vm/control.ts';
import {
  abandonScript,
  pollScript,
  readScript,
  removeScript,
  STATUS,
  sizeScript,
  startScript,
  writeScript,
} from './guest-scripts.ts';
import { GuestShell, type Reply } from './guest-shell.ts';
import { isCut, parsePoll } from './poll-answer.ts';

/** Bytes of a piece: each costs a start of `prlctl` and a session in the guest. */
const CHUNK = 1024 * 1024;
/** Milliseconds. Longer than other agents are given: each ask is a program's start on the host and another in the guest. */
const PING_MS = 10_000;

export function createParallelsLink(host: Host, vm: VmRef): AgentLink {
  return new ParallelsLink(new GuestShell(host, vm));
}

class ParallelsLink implements AgentLink {
  readonly chunk = CHUNK;
  readonly #shell: GuestShell;
  /** Files that are worth bringing along with a program's end. */
  readonly #outputs = new Map<string, readonly string[]>();
  /** What came along: the whole content of files whose writer has ended. */
  readonly #ahead = new Map<string, Buffer>();
  /** Bytes of the files that are being written in pieces. */
  readonly #sizes = new Map<string, number>();
  /** Handles of programs that have ended: removed with the next script, since a lost answer may be asked for again. */
  #done: string[] = [];

  constructor(shell: GuestShell) {
    this.#shell = shell;
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.#shell.ask(':', { signal, timeout: PING_MS, tries: 1 });
  }

  async start(argv: readonly string[], options: AgentStartOptions, signal: AbortSignal): Promise<string> {
    const handle = `/tmp/.vmtest-${randomBytes(8).toString('hex')}`;
    const { capture, input, outputs = [] } = options;
    const script = startScript({ handle, argv, input, capture });
    // Before it starts: of a start that is given up, something may be left in the guest too.
    this.#outputs.set(handle, outputs);
    for (const path of outputs) this.#ahead.delete(path);
    const reply = await this.#ask(script, signal);
    if (reply.status !== 0) throw refused(`start ${argv[0]}`, reply);
    return handle;
  }

  async poll(handle: string, signal: AbortSignal): Promise<AgentPoll> {
    const paths = this.#outputs.get(handle) ?? [];
    const { text } = await this.#ask(pollScript(handle, paths), signal);
    const answer = parsePoll(text);
    if (answer.state === 'run') return { exited: false };
    if (answer.state === 'gone') throw agentLost('it was restarted, and knows nothing of the command');
    this.#outputs.delete(handle);
    this.#done.push(handle);
    const [stdout, stderr, ...ahead] = answer.pieces;
    for (const [index, path] of paths.entries()) {
      const piece = ahead[index];
      if (piece && !isCut(piece)) this.#ahead.set(path, piece.data);
    }
    return {
      exited: true,
      ...answer.end,
      stdout: stdout?.data ?? Buffer.alloc(0),
      stderr: stderr?.data ?? Buffer.alloc(0),
      truncated: isCut(stdout) || isCut(stderr),
    };
  }

  async read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const ahead = this.#ahead.get(path);
    if (ahead) return ahead.subarray(offset, offset + length);
    const reply = await this.#ask(readScript(path, offset, length), signal);
    if (reply.status !== 0) throw refused(`read ${path}`, reply);
    return Buffer.from(reply.text, 'base64');
  }

  async write(
    path: string,
    data: Buffer,
    { append }: { append: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    this.#ahead.delete(path);
    const at = append ? (this.#sizes.get(path) ?? (await this.#size(path, signal))) : undefined;
    const reply = await this.#ask(writeScript(path, data, at), signal);
    if (reply.status !== 0) throw refused(`write ${path}`, reply);
    this.#sizes.set(path, (at ?? 0) + data.length);
  }

  async close(tidy = false): Promise<void> {
    const left = removeScript(this.#done) + abandonScript([...this.#outputs.keys()]);
    if (!tidy || left === '') return;
    const options = { signal: new AbortController().signal, timeout: PING_MS, tries: 1 };
    await this.#shell.ask(left, options).catch(() => {});
  }

  async #ask(script: string, signal: AbortSignal): Promise<Reply> {
    const done = this.#done;
    const reply = await this.#shell.ask(`${removeScript(done)}\n${script}`, { signal });
    this.#done = this.#done.filter((handle) => !done.includes(handle));
    return reply;
  }

  async #size(path: string, signal: AbortSignal): Promise<number> {
    const reply = await this.#ask(sizeScript(path), signal);
    if (reply.status !== 0) throw refused(`write ${path}`, reply);
    return Number(reply.text);
  }
}

function refused(what: string, { status, stderr }: Reply): VmtestError {
  const why = status === STATUS.missing ? 'no such file' : stderr.trim() || `exit ${status}`;
  return new VmtestError('GUEST_AGENT_REFUSED', `the guest refused to ${what}: ${why}`);
}
