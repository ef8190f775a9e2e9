/** One running QEMU, as the run sees it. */
import type { Socket } from 'node:net';
import { createQgaLink } from '../../src/guest/agent/qga.ts';
import type { AccessKind, AgentLink } from '../../src/guest/channel.ts';
import { consoleCommand, sshCommand } from '../../src/guest/ways-in.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { CleanFacts, Machine, MachineAccess } from '../driver.ts';
import { AGENT_PORT, type MachineFiles } from './command-line.ts';
import { limitConsoleLog } from './console-log.ts';
import { type DeathWatch, watchForDeath } from './death.ts';
import { forwardedPort } from './forwarded-port.ts';
import { removeMachineFiles } from './machine-files.ts';
import type { Plan } from './plan.ts';
import type { QemuProcess } from './process.ts';
import { atLeast } from './programs.ts';
import { connectWhenThere } from './unix-socket.ts';

export interface MachineParts {
  plan: Plan;
  process: QemuProcess;
  files: MachineFiles;
  clean: { identity: string; facts: CleanFacts };
}

/** Before it, `screendump` wrote PPM only. */
const PNG_SINCE = '7.1.0';

/** Milliseconds from a guest's closing its ports to the word that it restarts, generously. */
const RESTART_MS = 1_000;

export class QemuMachine implements Machine {
  readonly name: string;
  readonly clean: MachineParts['clean'];
  readonly consoleLog: string;
  readonly #plan: Plan;
  readonly #process: QemuProcess;
  readonly #files: MachineFiles;
  readonly #death: DeathWatch;
  readonly #stopLimit: () => void;
  #agentSocket: Socket | undefined;
  #consoleSocket: Socket | undefined;

  constructor({ plan, process, files, clean }: MachineParts) {
    this.name = files.name;
    this.clean = clean;
    this.consoleLog = files.consoleLog;
    this.#plan = plan;
    this.#process = process;
    this.#files = files;
    this.#death = watchForDeath(process);
    this.#stopLimit = limitConsoleLog(files.consoleLog);
  }

  get died(): Promise<string> {
    return this.#death.died;
  }

  onRestart(listener: () => void): void {
    this.#death.onRestart(listener);
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#process.qmp.execute('cont', undefined, { signal });
  }

  async access(kind: AccessKind, signal: AbortSignal): Promise<MachineAccess> {
    if (kind === 'ssh') return { kind, host: '127.0.0.1', port: await this.#sshPort(signal) };
    if (kind === 'console') return { kind, stream: await this.#console(signal) };
    return { kind, link: await this.#agentLink(signal) };
  }

  async screenshot(path: string, signal: AbortSignal): Promise<void> {
    const { programs, spec } = this.#plan;
    if (spec.vga === 'none') throw noScreen('the target has `vga: none`');
    if (!atLeast(programs.system.version, PNG_SINCE)) throw noScreen(`QEMU writes PNG since ${PNG_SINCE}`);
    await this.#process.qmp.execute('screendump', { filename: path, format: 'png' }, { signal });
  }

  async stop(graceMs: number): Promise<void> {
    this.#death.expect();
    if (graceMs > 0) await this.#askToPowerOff(graceMs);
    await this.#process.end();
    this.#hangUp();
    this.#stopLimit();
  }

  /** Ends it in an orderly way, so that its disk can be used further. */
  async quit(signal: AbortSignal): Promise<void> {
    this.#death.expect();
    await this.#process.quit(signal);
  }

  async release(): Promise<void> {
    await this.stop(0);
    await removeMachineFiles(this.#files);
  }

  async keep(): Promise<string[]> {
    const ways = await this.#waysIn(AbortSignal.timeout(10_000));
    this.#death.expect();
    this.#hangUp();
    this.#stopLimit();
    this.#process.detach();
    return ways;
  }

  async #sshPort(signal: AbortSignal): Promise<number> {
    if (this.#plan.spec.network === 'none') {
      throw new VmtestError('QEMU_NO_NETWORK', 'the guest has no network card (`network: none`)', {
        hint: 'Use `network: restrict`: only vmtest reaches the guest then.',
      });
    }
    return forwardedPort(this.#process.qmp, this.#files.guestPort, signal);
  }

  /** The port has one user at a time: whoever asks anew gets it from the one before. */
  async #agentLink(signal: AbortSignal): Promise<AgentLink> {
    if (!this.#plan.spec.agent) {
      throw new VmtestError('QEMU_NO_AGENT', 'the guest has no port for its agent (`agent: false`)');
    }
    this.#agentSocket?.destroy();
    const socket = await connectWhenThere(this.#files.agent, signal);
    this.#agentSocket = socket;
    this.#hangUpWithAgent(socket);
    return createQgaLink(socket);
  }

  /** An agent that ends, or is started anew, knows nothing of our commands, and nobody else would tell us. */
  #hangUpWithAgent(socket: Socket): void {
    const forget = this.#process.qmp.on(({ event, data }) => {
      if (event !== 'VSERPORT_CHANGE' || data['id'] !== AGENT_PORT || data['open'] !== false) return;
      // A guest that restarts closes its ports first: that is told better by whoever watches for it.
      setTimeout(() => socket.destroy(new Error('it has ended')), RESTART_MS).unref();
    });
    socket.once('close', forget);
  }

  /**
   * The guest's first serial port. It has one user at a time as well: another would be accepted, but hear nothing. What is
   * printed while nobody is connected is not kept for later, but the log has all of it, with a user or without.
   */
  async #console(signal: AbortSignal): Promise<Socket> {
    this.#consoleSocket?.destroy();
    this.#consoleSocket = await connectWhenThere(this.#files.console, signal);
    return this.#consoleSocket;
  }

  #hangUp(): void {
    this.#agentSocket?.destroy();
    this.#consoleSocket?.destroy();
  }

  /** A guest that does not react, or is not there any more, is not worth an error: force comes next. */
  async #askToPowerOff(graceMs: number): Promise<void> {
    try {
      await this.#process.qmp.execute('system_powerdown', undefined, { timeout: graceMs });
      await this.#process.endsWithin(graceMs);
    } catch {}
  }

  async #waysIn(signal: AbortSignal): Promise<string[]> {
    const { target, spec } = this.#plan;
    const { user, key } = target.guest;
    const ssh = async () => sshCommand({ user, key, port: await this.#sshPort(signal) });
    return [
      ...(spec.network === 'none' ? [] : [await ssh()]),
      `console: ${consoleCommand(this.#files.console)}`,
      `process ${this.#process.pid}, control socket (QMP) ${this.#files.qmp}`,
    ];
  }
}

function noScreen(why: string): VmtestError {
  return new VmtestError('NO_SCREEN', `there is no screenshot of this machine: ${why}`);
}
