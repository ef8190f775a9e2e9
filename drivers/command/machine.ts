/** One machine of a user's engine, as the run sees it. */
import type { AccessKind } from '../../src/guest/channel.ts';
import { connectExec } from '../../src/guest/exec/connect.ts';
import { sshCommand } from '../../src/guest/ways-in.ts';
import { sleep } from '../../src/host/deadline.ts';
import { VmtestError } from '../../src/host/errors.ts';
import { DeathWatch } from '../death-watch.ts';
import type { Machine, MachineAccess } from '../driver.ts';
import { noSuchVerb } from './engine.ts';
import type { MachineFacts } from './lease-facts.ts';
import type { Plan } from './plan.ts';

/** Milliseconds. */
const ADDRESS_PAUSE = 500;
const LOOK_PAUSE = 2_000;
const KEEP_MS = 10_000;

export class CommandMachine implements Machine {
  readonly name: string;
  readonly clean: Machine['clean'];
  readonly died: Promise<string>;
  readonly consoleLog: string;
  readonly #plan: Plan;
  readonly #subject: MachineFacts['subject'];
  readonly #watch: DeathWatch;
  #waysIn: readonly string[] = [];
  #kept = false;
  #released: Promise<void> | undefined;

  constructor(plan: Plan, subject: MachineFacts['subject'], identity: string) {
    this.#plan = plan;
    this.#subject = subject;
    this.name = subject.machine.name;
    this.consoleLog = subject.machine.consoleLog;
    this.clean = { identity, facts: {} };
    this.#watch = new DeathWatch({
      pause: LOOK_PAUSE,
      whyDead: async (signal) => {
        const { state, reason } = await plan.engine.call('status', subject, signal);
        return state === 'running' ? undefined : (reason ?? `its engine says that it is ${state}`);
      },
    });
    this.died = this.#watch.died;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { engine, verbs } = this.#plan;
    const { waysIn = [] } = await engine.call('start', this.#subject, signal);
    this.#waysIn = waysIn;
    if (verbs.has('status')) this.#watch.begin();
  }

  async access(
    kind: AccessKind,
    signal: AbortSignal,
    onAttempt?: (reason: string) => void,
  ): Promise<MachineAccess> {
    const { engine, access, target } = this.#plan;
    if (!access.includes(kind)) {
      throw new VmtestError('CHANNEL_UNSUPPORTED', `this target offers no way in by ${kind}`, {
        hint: `It offers: ${access.join(', ')}.`,
      });
    }
    if (kind === 'ssh') return { kind, ...(await this.#sshAddress(signal, onAttempt)) };
    const { user } = target.guest;
    const link = { start: (command: string) => engine.exec(command, this.#subject) };
    return {
      kind: 'direct',
      open: (deadline, onAttempt = () => {}) =>
        connectExec(link, { user, os: target.os, onAttempt }, deadline),
    };
  }

  async screenshot(path: string, signal: AbortSignal): Promise<void> {
    const { engine, verbs } = this.#plan;
    if (!verbs.has('screenshot')) throw noSuchVerb('screenshot');
    await engine.call('screenshot', this.#subject, signal, { path });
  }

  /** Without the verb, there is but the force of `release`. */
  async stop(graceMs: number): Promise<void> {
    this.#watch.end();
    const { engine, verbs } = this.#plan;
    if (this.#kept || this.#released || !verbs.has('stop')) return;
    await engine.call('stop', this.#subject, new AbortController().signal, { graceMs }, graceMs);
  }

  async release(): Promise<void> {
    this.#watch.end();
    if (this.#kept) return;
    this.#released ??= this.#release();
    try {
      await this.#released;
    } catch (error) {
      // Whoever asks again has it tried again.
      this.#released = undefined;
      throw error;
    }
  }

  async keep(): Promise<string[]> {
    this.#watch.end();
    this.#kept = true;
    const { target, engine, access } = this.#plan;
    const { user, key } = target.guest;
    const address = access.includes('ssh')
      ? await this.#sshAddress(AbortSignal.timeout(KEEP_MS)).catch(() => undefined)
      : undefined;
    const program = engine.written('release')?.[0];
    return [
      ...(address ? [sshCommand({ user, key, ...address })] : []),
      ...this.#waysIn,
      `machine ${this.name} of ${program}`,
    ];
  }

  async #release(): Promise<void> {
    await this.#plan.engine.call('release', this.#subject, new AbortController().signal);
  }

  /** Asked again and again until it is known. */
  async #sshAddress(
    signal: AbortSignal,
    onAttempt: (reason: string) => void = () => {},
  ): Promise<{ host: string; port: number }> {
    const { engine, target } = this.#plan;
    const { address: fixed, port: usual } = target.guest;
    if (fixed !== undefined) return { host: fixed, port: usual };
    for (;;) {
      const { host, port = usual } = await engine.call('address', this.#subject, signal);
      if (host !== undefined) return { host, port };
      onAttempt('the engine knows no address of the guest yet');
      await sleep(ADDRESS_PAUSE, signal, "the guest's address");
    }
  }
}
