/** The guest agent of a domain, whose commands libvirt passes on; it keeps in step with the agent by itself. */
import { createQgaLinkOver } from '../../src/guest/agent/qga.ts';
import type { CallOptions, QgaCalls } from '../../src/guest/agent/qga-connection.ts';
import { agentLost, agentOdd, agentRefused } from '../../src/guest/agent/qga-errors.ts';
import { isReply } from '../../src/guest/agent/qga-wire.ts';
import type { AgentLink } from '../../src/guest/channel.ts';
import { linkSignal } from '../../src/host/deadline.ts';
import { toVmtestError, type VmtestError } from '../../src/host/errors.ts';
import type { AgentContext, VmRef } from '../vm/control.ts';
import { parseAgentFailure } from './agent-failure.ts';
import { tryTyped } from './typed-command.ts';
import { tryVirsh } from './virsh.ts';

/** Bytes. A piece of a file is an argument of `virsh`, which Linux lets have 128 KiB, and base64 adds a third. */
const CHUNK = 64 * 1024;
/** Bytes. libvirt takes 4 MiB in a message. */
const MOST_INPUT = 1024 * 1024;

/** What people have written, secrets too: no word of a command, as others on the host can read those. */
const TYPED: ReadonlySet<string> = new Set(['guest-exec']);

export function createAgentLink(vm: VmRef, context: AgentContext): AgentLink {
  return createQgaLinkOver(new VirshAgent(vm, context), { chunk: CHUNK, mostInput: MOST_INPUT });
}

class VirshAgent implements QgaCalls {
  readonly #vm: VmRef;
  readonly #context: AgentContext;
  #lost: VmtestError | undefined;

  constructor(vm: VmRef, context: AgentContext) {
    this.#vm = vm;
    this.#context = context;
  }

  get lost(): VmtestError | undefined {
    return this.#lost;
  }

  async call(command: string, args: object | undefined, options: CallOptions): Promise<unknown> {
    if (this.#lost) throw this.#lost;
    return this.#ask(command, args, options);
  }

  async sync(options: CallOptions): Promise<void> {
    await this.#ask('guest-ping', undefined, options);
  }

  close(): void {
    this.#lost ??= agentLost('it was closed');
  }

  async #ask(command: string, args: object | undefined, { signal, deadline }: CallOptions): Promise<unknown> {
    const message = args === undefined ? { execute: command } : { execute: command, arguments: args };
    const link = linkSignal(signal, { ms: deadline, what: `the agent's ${command}` });
    const words = ['qemu-agent-command', '--domain', this.#vm.id, '--cmd'] as const;
    const context = { ...this.#context, signal: link.signal };
    const shown = [...words, JSON.stringify({ execute: command })];
    try {
      const { exitCode, stdout, stderr } = TYPED.has(command)
        ? await tryTyped(words, message, context, { shown })
        : await tryVirsh([...words, JSON.stringify(message)], context, { shown });
      if (exitCode !== 0) throw this.#failure(command, stderr);
      const reply: unknown = JSON.parse(stdout);
      if (!isReply(reply) || !('return' in reply)) throw agentOdd(command);
      return reply.return;
    } catch (error) {
      signal.throwIfAborted();
      if (link.signal.aborted)
        throw agentLost(`${command} was not answered within ${deadline / 1000} s`, error);
      if (error instanceof SyntaxError) throw agentLost('its answer is no JSON', error);
      throw toVmtestError(error);
    } finally {
      link.unlink();
    }
  }

  #failure(command: string, stderr: string): VmtestError {
    const failure = parseAgentFailure(stderr);
    return failure.refused ? agentRefused(command, failure.refused) : agentLost(failure.lost);
  }
}
