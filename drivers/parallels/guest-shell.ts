/**
 * One shell script in a guest by `prlctl exec`, which is a pipe with manners of its own: it joins arguments anew, hangs for
 * ever on more than some 3.9 KB of them, may swallow what a program prints in its first moments, and may lose its exit
 * code. So the one argument is `/bin/sh`, the script goes in by stdin, and its answer stands between two marks.
 */
import { randomBytes } from 'node:crypto';
import { agentLost } from '../../src/guest/agent/qga-errors.ts';
import { sleep } from '../../src/host/deadline.ts';
import { toVmtestError, type VmtestError } from '../../src/host/errors.ts';
import type { Host } from '../../src/host/host.ts';
import type { VmRef } from '../vm/control.ts';
import { explain, hasCode } from './errors.ts';
import { run } from './programs.ts';

export interface Reply {
  /** Of the script. */
  status: number;
  /** What it printed. */
  text: string;
  stderr: string;
}

export interface AskOptions {
  signal: AbortSignal;
  /** Milliseconds for one try. Default: 60 s. */
  timeout?: number;
  /** Default: 5. */
  tries?: number;
}

const ASK_MS = 60_000;
const TRIES = 5;
const PAUSE_MS = 500;
/** Seconds that a script waits before it answers, once an answer has been swallowed. */
const HOLD_BACK = 1;

export class GuestShell {
  readonly #host: Host;
  readonly #vm: VmRef;
  #holdBack = false;

  constructor(host: Host, vm: VmRef) {
    this.#host = host;
    this.#vm = vm;
  }

  /**
   * Runs a script that may run twice: a try whose answer got lost is made again.
   * @throws VmtestError `GUEST_AGENT_LOST` when no try was answered.
   */
  async ask(script: string, { signal, timeout = ASK_MS, tries = TRIES }: AskOptions): Promise<Reply> {
    for (let left = tries - 1; ; left -= 1) {
      const answer = await this.#try(script, timeout, signal);
      if ('reply' in answer) return answer.reply;
      if (left === 0 || hasCode(answer.why, 'PARALLELS_NOT_RUNNING', 'PARALLELS_VM_MISSING')) {
        throw agentLost(answer.why.message, answer.why);
      }
      await sleep(PAUSE_MS, signal, 'the agent of Parallels in the guest, which has not answered');
    }
  }

  async #try(
    script: string,
    timeout: number,
    signal: AbortSignal,
  ): Promise<{ reply: Reply } | { why: VmtestError }> {
    const mark = `vmtest-${randomBytes(6).toString('hex')}`;
    const input = marked(script, mark, this.#holdBack ? HOLD_BACK : 0);
    const args = ['exec', this.#vm.id, '/bin/sh'];
    try {
      const result = await run({ host: this.#host, signal }, 'prlctl', args, timeout, input);
      const reply = replyIn(result.stdout, mark);
      if (reply) return { reply: { ...reply, stderr: result.stderr } };
      if (result.stdout.includes(mark) || result.stderr.trim() === '') this.#holdBack = true;
      const doing = `running a command in ${this.#vm.name}`;
      return {
        why: explain(result.stderr || 'its answer got lost', { doing, code: 'PARALLELS_EXEC_FAILED' }),
      };
    } catch (error) {
      signal.throwIfAborted();
      if (!hasCode(error, 'TIMEOUT')) throw error;
      return { why: toVmtestError(error) };
    }
  }
}

/** In braces, so that the shell has read all of it before any program could read on from its stdin. */
function marked(script: string, mark: string, holdBack: number): string {
  return `{
sleep ${holdBack}
echo '${mark} begin'
(
${script}
)
printf '\\n%s\\n' "${mark} end $?"
exit 0
}
`;
}

function replyIn(output: string, mark: string): { status: number; text: string } | undefined {
  const pattern = new RegExp(`${mark} begin\\r?\\n([^]*)\\r?\\n${mark} end (\\d+)`);
  const [, text, status] = pattern.exec(output) ?? [];
  return text === undefined ? undefined : { text, status: Number(status) };
}
