/** One VM of an engine while a cell has it. */
import { join } from 'node:path';
import type { AccessKind } from '../../src/guest/channel.ts';
import { sshCommand } from '../../src/guest/ways-in.ts';
import { sleep } from '../../src/host/deadline.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { Lease } from '../../src/host/host.ts';
import type { DeathWatch } from '../death-watch.ts';
import type { Machine, MachineAccess } from '../driver.ts';
import type { Commands } from './commands.ts';
import type { Arranged, GuestAddress, VmContext, VmRef } from './control.ts';
import { watchVm } from './death-watch.ts';
import { ENDING } from './lease-facts.ts';
import type { Plan } from './plan.ts';

export interface MachineParts {
  commands: Commands;
  plan: Plan;
  /** The clone, or the VM itself. */
  vm: VmRef;
  name: string;
  arranged: Arranged;
  context: VmContext;
  lease: Lease;
  logs: string;
  /** After the power-off: takes the clone away, or gives the VM back. */
  end(): Promise<void>;
  /** Instead of it, when the VM runs on, by wish or since it cannot be powered off: others may know that we have nothing to do with it any more. */
  letGo(): Promise<void>;
}

/** Milliseconds. */
const PACE = { address: 500, off: 500, powerOff: 60_000, keep: 10_000 };

export class VmMachine implements Machine {
  readonly name: string;
  readonly clean: Machine['clean'];
  readonly died: Promise<string>;
  readonly consoleLog?: string;
  readonly #parts: MachineParts;
  readonly #watch: DeathWatch;
  #starting: Promise<void> | undefined;
  #off: Promise<void> | undefined;
  #ended: Promise<void> | undefined;
  #kept = false;

  constructor(parts: MachineParts) {
    const { commands, plan, vm, name, arranged, context, logs } = parts;
    this.#parts = parts;
    this.name = name;
    const { engine } = commands.control;
    this.clean = { identity: `${engine}:${plan.vm.id}:${plan.snapshot.stamp}`, facts: {} };
    this.#watch = watchVm(commands, vm, context);
    this.died = this.#watch.died;
    if (arranged.consoleLog) this.consoleLog = join(logs, 'console.log');
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#starting = this.#start(signal);
    await this.#starting;
  }

  async access(
    kind: AccessKind,
    signal: AbortSignal,
    onAttempt?: (reason: string) => void,
  ): Promise<MachineAccess> {
    if (kind === 'ssh') return { kind, ...(await this.#sshAddress(signal, onAttempt)) };
    const { commands, vm, lease } = this.#parts;
    const { agent, engine } = commands.control;
    if (kind === 'agent' && agent) {
      const of = { ...this.#of(signal), folder: lease.record.folder };
      return { kind, link: await agent.call(commands.control, vm, of) };
    }
    throw new VmtestError('CHANNEL_UNSUPPORTED', `${engine} offers no way in by ${kind}`, {
      hint: 'Remove `guest.channel`, or use `channel: ssh`.',
    });
  }

  async screenshot(path: string, signal: AbortSignal): Promise<void> {
    const { commands, vm } = this.#parts;
    const { screenshot, engine } = commands.control;
    if (!screenshot) throw new VmtestError('NO_SCREEN', `${engine} takes no pictures of its screens`);
    await commands.run(signal, () => screenshot.call(commands.control, vm, path, this.#of(signal)));
  }

  async stop(graceMs: number): Promise<void> {
    this.#watch.end();
    if (this.#kept) return;
    this.#off ??= this.#powerOff(graceMs);
    try {
      await this.#off;
    } catch (error) {
      // Whoever asks again has it tried again.
      this.#off = undefined;
      throw error;
    }
  }

  async release(): Promise<void> {
    if (this.#kept) return;
    this.#ended ??= this.#end();
    await this.#ended;
  }

  async keep(): Promise<string[]> {
    const { commands, vm, context, letGo } = this.#parts;
    const { user, key } = context.target.guest;
    this.#watch.end();
    this.#kept = true;
    await letGo();
    const address = await this.#sshAddress(AbortSignal.timeout(PACE.keep)).catch(() => undefined);
    return [
      ...(address && !address.endsWithUs ? [sshCommand({ user, key, ...address })] : []),
      ...(commands.control.waysIn?.(vm, context) ?? [`VM ${vm.name} of ${commands.control.engine}`]),
    ];
  }

  #of(signal: AbortSignal): VmContext {
    return { ...this.#parts.context, signal };
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { commands, vm, lease } = this.#parts;
    const { control } = commands;
    const of = this.#of(signal);
    // Who starts it between a death of ours and the sweep is a person.
    await lease.note({ starting: true });
    await commands.run(signal, () => control.start(vm, of));
    const session = await control.session?.(vm, of);
    if (session !== undefined) await lease.note({ session });
    this.#watch.begin();
  }

  async #sshAddress(
    signal: AbortSignal,
    onAttempt: (reason: string) => void = () => {},
  ): Promise<GuestAddress> {
    const { commands, vm, arranged, context } = this.#parts;
    const { control } = commands;
    const { address: fixed, port } = context.target.guest;
    if (arranged.port) return arranged.port;
    if (fixed !== undefined) return { host: fixed, port };
    for (;;) {
      let why = '';
      const found = await commands.run(signal, async () =>
        control.address?.(vm, this.#of(signal), (words) => {
          why = `: ${words}`;
        }),
      );
      if (found !== undefined) return typeof found === 'string' ? { host: found, port } : found;
      onAttempt(`${control.engine} knows no address of the guest yet${why}`);
      await sleep(PACE.address, signal, "the guest's address");
    }
  }

  async #powerOff(graceMs: number): Promise<void> {
    const { commands, vm, plan, lease } = this.#parts;
    const { control } = commands;
    // A start that was given up may succeed yet, after the power-off.
    await this.#starting?.catch(() => {});
    if (graceMs > 0) await this.#askToShutDown(graceMs).catch(() => {});
    // On a disk that is full it has to end all the same.
    if (!plan.cloned) await lease.note(ENDING).catch(() => {});
    await commands.atLast(PACE.powerOff, `powering ${vm.name} off`, (signal) =>
      control.powerOff(vm, this.#of(signal)),
    );
  }

  /** Ends when the guest has, or when it had its time. */
  async #askToShutDown(graceMs: number): Promise<void> {
    const { commands, vm } = this.#parts;
    const { control } = commands;
    const signal = AbortSignal.timeout(graceMs);
    await commands.run(signal, () => control.shutdown(vm, this.#of(signal)));
    for (;;) {
      const state = await commands.run(signal, () => control.state(vm, this.#of(signal)));
      if (state === 'off' || state === undefined) return;
      await sleep(PACE.off, signal, 'the guest to shut down');
    }
  }

  /** A machine that could not be powered off keeps its files, which a sweep takes away; others may try the VM. */
  async #end(): Promise<void> {
    try {
      await this.stop(0);
    } catch (error) {
      await this.#parts.letGo();
      throw error;
    }
    await this.#parts.end();
  }
}
