/**
 * The life of one machine in one attempt: restore, boot, connect, upload, setup, run, collect, release. Every phase has
 * its deadline; what a phase makes, it first pushes the undoing of; the release has a time budget of its own.
 */
import { mkdir } from 'node:fs/promises';
import type { Machine } from '../../drivers/driver.ts';
import type { Cell } from '../../matrix/model.ts';
import type { GuestChannel, GuestExit } from '../guest/channel.ts';
import { consoleTail } from '../guest/console-tail.ts';
import { type Hold, type Notice, withDeadline } from '../host/deadline.ts';
import { toVmtestError, VmtestError } from '../host/errors.ts';
import type { Host, Lease } from '../host/host.ts';
import type { Bytes, RunEvent } from '../results/events.ts';
import type { CellInfo, Phase } from '../results/model.ts';
import { type CommandEnd, judge, type Verdict, wasEnded } from '../results/verdict.ts';
import { watchBytes } from './byte-progress.ts';
import type { CellLog } from './cell-log.ts';
import { CleanupStack } from './cleanup-stack.ts';
import { collectArtifacts, collectResults, type GuestFiles } from './collect-files.ts';
import { connectGuest } from './connect-guest.ts';
import type { HostKeyPins } from './host-keys.ts';
import type { PhaseClock } from './phase-clock.ts';
import { takePicture } from './picture.ts';
import type { PlannedTarget } from './plan-target.ts';
import { unlessSilent } from './silence.ts';
import type { Uploads } from './uploads.ts';
import { whileAlive, whileUp } from './while-alive.ts';

export type KeepPolicy = 'never' | 'on-failure' | 'always';

export interface AttemptContext {
  host: Host;
  runId: string;
  planned: PlannedTarget;
  cell: Cell;
  info: CellInfo;
  /** From 1. */
  number: number;
  /** The cell's folder in the output folder, absolute. */
  folder: string;
  log: CellLog;
  uploads: Uploads;
  pins: HostKeyPins;
  keep: KeepPolicy;
  /** When the cell began to wait, as `performance.now()` tells it. */
  queued: number;
  emit(event: RunEvent): void;
  signal: AbortSignal;
}

const MISSING_FOLDER = '.vmtest-no-such-folder';

/** While a machine is being made its driver must come to rest; a guest that is about to vanish need not be waited for. */
const NOTICE: Partial<Record<Phase, Notice>> = { restore: {}, boot: {} };
const GUEST_NOTICE: Notice = { abort: 0 };

export class CellLife {
  readonly #context: AttemptContext;
  readonly #clock: PhaseClock;
  readonly #notes: string[];
  readonly #cleanup = new CleanupStack();
  #machine: Machine | undefined;
  #lease: Lease | undefined;
  /** Why the guest did not answer, when it was last asked. */
  #lastAnswer = '';

  constructor(context: AttemptContext, clock: PhaseClock, notes: string[]) {
    this.#context = context;
    this.#clock = clock;
    this.#notes = notes;
  }

  /** Up to the verdict. Throws what is no fault of the software under test. */
  async live(): Promise<Verdict> {
    const { signal } = this.#context;
    const machine = await this.#restore(signal);
    return whileAlive(machine, signal, (alive) => this.#use(machine, alive));
  }

  async #use(machine: Machine, signal: AbortSignal): Promise<Verdict> {
    await this.#boot(machine, signal);
    const channel = await this.#connect(machine, signal);
    return whileUp(machine, signal, (up) => this.#test(channel, up));
  }

  async #test(channel: GuestChannel, signal: AbortSignal): Promise<Verdict> {
    await this.#upload(channel, signal);
    await this.#setup(channel, signal);
    const end = await this.#run(channel, signal);
    return this.#collect(channel, end, signal);
  }

  /** The last phase. Neither a cancelled run nor a spent deadline cuts it short. */
  async release(failed: boolean): Promise<void> {
    if (failed) await this.#screenshot();
    const { info, number, emit, host } = this.#context;
    this.#clock.enter('release');
    host.log(`${info.id}: phase release`);
    emit({ type: 'cell:phase', cell: info, attempt: number, phase: 'release' });
    if (await this.#keepInstead(failed)) return;
    const budget = this.#context.cell.timeouts.release * this.#context.planned.check.slowdown;
    const never = new AbortController().signal;
    try {
      const failures = await withDeadline(never, budget, 'releasing the machine', () =>
        this.#cleanup.unwind(),
      );
      for (const { what, error } of failures) this.#noteLeak(what, error);
    } catch (error) {
      this.#noteLeak('releasing the machine', error);
    }
  }

  /** What a person would look at first when the guest is to blame: its last answer, and the end of its console. */
  async circumstances(): Promise<string> {
    const console = await this.#consoleTail();
    return [
      this.#clock.phase === 'connect' && this.#lastAnswer !== '' ? `last answer by ${this.#lastAnswer}` : '',
      console === '' ? '' : `the end of the console:\n${console}`,
    ]
      .filter(Boolean)
      .join('\n\n');
  }

  async #consoleTail(): Promise<string> {
    const log = this.#machine?.consoleLog;
    return log === undefined ? '' : consoleTail(log).catch(() => '');
  }

  #restore(signal: AbortSignal): Promise<Machine> {
    return this.#phase('restore', signal, async (deadline, hold) => {
      const { host, runId, planned, cell, folder, number } = this.#context;
      await mkdir(folder, { recursive: true });
      const lease = await host.leases.begin({
        run: runId,
        engine: planned.driver.engine,
        target: planned.target.name,
        cell: cell.id,
        attempt: number,
      });
      if (deadline.aborted) {
        // The release has been, and did not know of it.
        await lease.end();
        throw deadline.reason;
      }
      this.#lease = lease;
      // What could not be removed is found by its lease later.
      let isGone = false;
      this.#cleanup.push('removing the lease', async () => {
        if (isGone) await lease.end();
      });
      let leftBehind: string | undefined;
      let opening: Promise<Machine> | undefined;
      this.#cleanup.push('removing the machine', async () => {
        // A driver that has not come to rest since the deadline may make the machine yet: until then its lease stays.
        await opening?.catch(() => {});
        if (leftBehind !== undefined) throw new VmtestError('LEFT_BEHIND', leftBehind);
        await this.#machine?.release();
        isGone = true;
      });
      const context = {
        ...{ host, lease, logs: folder, signal: deadline },
        queue: <T>(wait: (tell: (why: string) => void) => Promise<T>) => this.#queue(hold, wait),
      };
      opening = planned.driver.open(planned.target, context);
      try {
        this.#machine = await opening;
      } catch (error) {
        leftBehind = toVmtestError(error).leftBehind;
        throw error;
      }
      return this.#machine;
    });
  }

  async #queue<T>(hold: Hold, wait: (tell: (why: string) => void) => Promise<T>): Promise<T> {
    const letGo = hold();
    const from = performance.now();
    let waitedFor: string | undefined;
    this.#clock.enter('queue');
    try {
      return await wait((why) => {
        const { info, emit } = this.#context;
        waitedFor = why;
        emit({ type: 'target:note', target: info.target, message: `${info.id} waits: ${why}` });
      });
    } finally {
      this.#clock.enter('restore');
      letGo();
      const seconds = ((performance.now() - from) / 1000).toFixed(1);
      if (waitedFor !== undefined) this.#notes.push(`waited ${seconds} s: ${waitedFor}`);
    }
  }

  #boot(machine: Machine, signal: AbortSignal): Promise<void> {
    this.#cleanup.push('stopping the machine', () => machine.stop(0));
    return this.#phase('boot', signal, (deadline) => machine.start(deadline));
  }

  #connect(machine: Machine, signal: AbortSignal): Promise<GuestChannel> {
    return this.#phase('connect', signal, async (deadline) => {
      const { planned, pins } = this.#context;
      const { target, check } = planned;
      const channel = await connectGuest(
        {
          machine,
          offered: check.access,
          guest: target.guest,
          os: target.os,
          pins,
          onAttempt: (reason) => {
            this.#lastAnswer = reason;
          },
        },
        deadline,
        this.#notes,
      );
      // The machine is thrown away: what the channel left in it goes along.
      this.#cleanup.push('closing the channel', () => channel.close(false));
      return channel;
    });
  }

  async #upload(channel: GuestChannel, signal: AbortSignal): Promise<void> {
    const { upload, results } = this.#context.cell.test;
    if (!upload) return;
    await this.#phase('upload', signal, async (deadline) => {
      const pack = await this.#context.uploads.pack(upload, results, deadline);
      this.#notes.push(...pack.notes);
      await channel.upload(watchBytes(pack.open(), pack.bytes, this.#tellBytes), upload.to, deadline);
    });
  }

  async #setup(channel: GuestChannel, signal: AbortSignal): Promise<void> {
    const { setup } = this.#context.cell.test;
    if (setup === undefined) return;
    const { exitCode, signal: killedBy } = commandEnd(
      await this.#phase('setup', signal, (deadline) => this.#execute(channel, 'setup', setup, deadline)),
    );
    if (exitCode === 0) return;
    await this.#salvage(channel, signal);
    throw new VmtestError(
      'SETUP_FAILED',
      `the setup command ended with ${killedBy ?? `exit code ${exitCode}`}`,
      {
        hint: 'Its output is in output.log.',
        retryable: true,
      },
    );
  }

  /** The test command. Its own limits of time and of silence end it as a failed test; every other trouble is an error. */
  async #run(channel: GuestChannel, signal: AbortSignal): Promise<CommandEnd> {
    const { test, timeouts } = this.#context.cell;
    try {
      const exit = await this.#phase('run', signal, (deadline) =>
        this.#execute(channel, 'run', test.run, deadline),
      );
      return commandEnd(exit);
    } catch (error) {
      signal.throwIfAborted();
      const { code } = toVmtestError(error);
      if (code === 'TIMEOUT') return { timedOutAfter: timeouts.run };
      if (code === 'SILENT' && timeouts.idle !== undefined) return { silentFor: timeouts.idle };
      throw error;
    }
  }

  #collect(channel: GuestChannel, end: CommandEnd, signal: AbortSignal): Promise<Verdict> {
    return this.#phase('collect', signal, async (deadline) => {
      const { cell, folder, log } = this.#context;
      const { test } = cell;
      if (wasEnded(end)) await this.#mustAnswer(channel, deadline);
      // Artifacts first: they matter most when the results turn out to be unreadable.
      this.#notes.push(...(await collectArtifacts(this.#watched(channel), test, folder, deadline)));
      const results = await collectResults(this.#watched(channel), test, folder, deadline);
      const console = wasEnded(end) ? { console: await this.#consoleTail() } : {};
      return judge({ command: test.run, end, tail: log.tail(), ...console, ...(results ? { results } : {}) });
    });
  }

  /**
   * A guest that was lost under its command looks like one whose command hangs. Asked is what every channel
   * knows to answer cheaply: a folder that is missing has no files.
   */
  async #mustAnswer(channel: GuestChannel, signal: AbortSignal): Promise<void> {
    try {
      await channel.list(MISSING_FOLDER, signal);
    } catch (error) {
      this.#notes.push('the command had to be ended, and the guest did not answer any more then');
      throw error;
    }
  }

  /** Artifacts of a cell that did not get as far as its test. What goes wrong here changes nothing. */
  async #salvage(channel: GuestChannel, signal: AbortSignal): Promise<void> {
    const { cell, folder, planned } = this.#context;
    const budget = cell.timeouts.collect * planned.check.slowdown;
    try {
      const notes = await withDeadline(signal, budget, 'collecting artifacts', (deadline) =>
        collectArtifacts(this.#watched(channel), cell.test, folder, deadline),
      );
      this.#notes.push(...notes);
    } catch (error) {
      this.#notes.push(`artifacts could not be collected: ${toVmtestError(error).message}`);
    }
  }

  /** Files out of the guest, with word of how far long ones have come. */
  #watched(channel: GuestChannel): GuestFiles {
    return {
      list: (folder, signal) => channel.list(folder, signal),
      download: async (...request) =>
        watchBytes(await channel.download(...request), undefined, this.#tellBytes),
    };
  }

  readonly #tellBytes = (bytes: Bytes): void => {
    const { info, number, emit } = this.#context;
    emit({ type: 'cell:progress', cell: info, attempt: number, bytes });
  };

  #execute(
    channel: GuestChannel,
    label: 'setup' | 'run',
    script: string,
    signal: AbortSignal,
  ): Promise<GuestExit> {
    const { cell, log } = this.#context;
    const { shell, cwd, env } = cell.test;
    return unlessSilent(signal, cell.timeouts.idle, (watched, heard) => {
      const writer = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
        heard();
        log.write(stream, chunk);
      };
      const io = { onStdout: writer('stdout'), onStderr: writer('stderr') };
      return channel.exec({ label, script, shell, cwd, env }, io, watched);
    });
  }

  async #phase<T>(
    phase: Exclude<Phase, 'queue'>,
    signal: AbortSignal,
    work: (signal: AbortSignal, hold: Hold) => Promise<T>,
  ): Promise<T> {
    const { info, number, emit, cell, planned, host } = this.#context;
    signal.throwIfAborted();
    this.#clock.enter(phase);
    host.log(`${info.id}: attempt ${number}, phase ${phase}`);
    emit({ type: 'cell:phase', cell: info, attempt: number, phase });
    // The user's own commands take as long as he says; only our phases get more time under emulation.
    const factor = phase === 'setup' || phase === 'run' ? 1 : planned.check.slowdown;
    return withDeadline(
      signal,
      cell.timeouts[phase] * factor,
      `phase ${phase}`,
      work,
      NOTICE[phase] ?? GUEST_NOTICE,
    );
  }

  async #screenshot(): Promise<void> {
    const machine = this.#machine;
    const { planned, signal, folder, host } = this.#context;
    if (machine && !signal.aborted) await takePicture(machine, folder, { driver: planned.driver, host });
  }

  /** True when the machine was left running for a person to look at. */
  async #keepInstead(failed: boolean): Promise<boolean> {
    const { keep, signal, cell } = this.#context;
    const machine = this.#machine;
    const wanted = keep === 'always' || (keep === 'on-failure' && failed);
    if (!wanted || !machine || !this.#lease || signal.aborted) return false;
    try {
      const access = await machine.keep();
      await this.#lease.keep({ reason: `--keep ${keep}: ${cell.id}`, access });
      this.#notes.push(`kept running: ${access.join(' · ')}; \`vmtest clean\` takes it away`);
      return true;
    } catch (error) {
      this.#notes.push(`the machine could not be kept: ${toVmtestError(error).message}`);
      return false;
    }
  }

  #noteLeak(what: string, error: unknown): void {
    this.#notes.push(`${what} failed: ${toVmtestError(error).message}; \`vmtest clean\` tries again`);
  }
}

/** @throws VmtestError `GUEST_NOT_HEARD`: a command that ended unheard is neither a pass nor a failure. */
function commandEnd({ unheard, ...end }: GuestExit): CommandEnd {
  if (unheard === undefined) return end;
  throw new VmtestError('GUEST_NOT_HEARD', unheard, {
    hint: 'The way into the guest did not answer for a while. engine.log has what the engine was asked, and how long that took.',
    retryable: true,
  });
}
