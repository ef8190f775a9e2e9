/** One running machine, as the run sees it. */
import { connect, type Socket } from 'node:net';
import type { AccessKind, FileShare } from '../../src/guest/channel.ts';
import { consoleCommand, sshCommand } from '../../src/guest/ways-in.ts';
import { VmtestError } from '../../src/host/errors.ts';
import type { CleanFacts, Machine, MachineAccess } from '../driver.ts';
import { type MachineFiles, removeMachineFiles } from './machine-files.ts';
import type { Plan } from './plan.ts';
import type { MachineProcess } from './process.ts';
import { SHARE } from './protocol.ts';

export interface MachineParts {
  plan: Plan;
  process: MachineProcess;
  files: MachineFiles;
  consoleLog: string;
  clean: { identity: string; facts: CleanFacts };
}

const KEEP_MS = 10_000;

export class V86Machine implements Machine {
  readonly name: string;
  readonly clean: MachineParts['clean'];
  readonly consoleLog: string;
  /** Of the emulator's own end, or of its process; never one that was asked for. */
  readonly died: Promise<string>;
  readonly #plan: Plan;
  readonly #process: MachineProcess;
  readonly #files: MachineFiles;
  #console: Socket | undefined;
  #expected = false;

  constructor({ plan, process, files, consoleLog, clean }: MachineParts) {
    this.name = files.name;
    this.clean = clean;
    this.consoleLog = consoleLog;
    this.#plan = plan;
    this.#process = process;
    this.#files = files;
    this.died = new Promise((resolve) => {
      void process.link.dead.then((why) => this.#expected || resolve(why));
      void process.ended.then(() => this.#expected || resolve(process.epitaph()));
    });
  }

  onRestart(listener: () => void): void {
    this.#process.link.onRestart = listener;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#process.link.request('start', {}, signal);
  }

  async access(kind: AccessKind, signal: AbortSignal): Promise<MachineAccess> {
    if (kind === 'ssh') return { kind, host: '127.0.0.1', port: await this.#sshPort(signal) };
    if (kind === 'console') return { kind, stream: await this.#consoleStream(signal), share: this.#share() };
    throw new VmtestError('V86_NO_AGENT', 'this engine has no guest agent', {
      hint: 'Remove `guest.channel`: the serial console needs nothing in the guest but a shell.',
    });
  }

  async screenshot(path: string, signal: AbortSignal): Promise<void> {
    await this.#process.link.request('screenshot', { path }, signal);
  }

  /** Without ACPI there is no button that a guest would notice, so grace has no use. */
  async stop(): Promise<void> {
    this.#expected = true;
    this.#console?.destroy();
    await this.#process.end();
  }

  /** Stops the processor for good and writes the state. @returns its bytes. */
  async save(to: { state: string; disk: string }, signal: AbortSignal): Promise<number> {
    const { bytes } = await this.#process.link.request('save', to, signal);
    return bytes;
  }

  async release(): Promise<void> {
    await this.stop();
    await removeMachineFiles(this.#files);
  }

  async keep(): Promise<string[]> {
    const signal = AbortSignal.timeout(KEEP_MS);
    const ways = await this.#waysIn(signal);
    await this.#process.link.request('keep', {}, signal);
    this.#expected = true;
    this.#console?.destroy();
    this.#process.detach();
    return ways;
  }

  #share(): FileShare {
    const { link } = this.#process;
    return {
      ...SHARE,
      put: async (data, signal) => {
        await link.request('put', { data: data.toString('base64') }, signal);
      },
      take: async (signal) => {
        const { data } = await link.request('take', {}, signal);
        return Buffer.from(data, 'base64');
      },
    };
  }

  async #sshPort(signal: AbortSignal): Promise<number> {
    if (this.#plan.settings.network === 'none') {
      throw new VmtestError('V86_NO_NETWORK', 'the guest has no network card (`network: none`)', {
        hint: 'Use `network: restrict`: only vmtest reaches the guest then.',
      });
    }
    return (await this.#process.link.request('port', {}, signal)).port;
  }

  /** Two talkers on one line would not understand each other: whoever asks anew gets it from the one before. */
  async #consoleStream(signal: AbortSignal): Promise<Socket> {
    this.#console?.destroy();
    const socket = connect(this.#files.console);
    this.#console = socket;
    // Connections break when machines end; one that nobody reads any more must not end this process.
    socket.on('error', () => {});
    await new Promise<void>((resolve, reject) => {
      const abort = () => socket.destroy(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      socket.once('connect', resolve);
      socket.once('close', () => reject(signal.aborted ? signal.reason : consoleGone()));
      socket.once('connect', () => signal.removeEventListener('abort', abort));
    });
    return socket;
  }

  async #waysIn(signal: AbortSignal): Promise<string[]> {
    const { target, settings } = this.#plan;
    const { user, key } = target.guest;
    const ssh = async () => sshCommand({ user, key, port: await this.#sshPort(signal) });
    return [
      ...(settings.network === 'none' ? [] : [await ssh()]),
      `console: ${consoleCommand(this.#files.console)}`,
      `process ${this.#process.pid}`,
    ];
  }
}

function consoleGone(): VmtestError {
  return new VmtestError('V86_GONE', 'the machine ended while its console was being opened', {
    retryable: true,
  });
}
