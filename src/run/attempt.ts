/**
 * One try at a cell, from a clean machine to the verdict, through the phases of the result model. Every phase has its
 * deadline; whatever happens, the machine is gone (or kept on purpose) at the end, on a time budget of its own.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../../drivers/driver.ts';
import type { Cell } from '../../matrix/model.ts';
import type { GuestChannel, GuestExit } from '../guest/channel.ts';
import { linkSignal, withDeadline } from '../host/deadline.ts';
import { toVmtestError, VmtestError } from '../host/errors.ts';
import type { Host, Lease } from '../host/host.ts';
import type { RunEvent } from '../results/events.ts';
import type { Attempt, CellInfo, Phase } from '../results/model.ts';
import { errorVerdict, judge, type Verdict } from '../results/verdict.ts';
import type { CellLog } from './cell-log.ts';
import { CleanupStack } from './cleanup-stack.ts';
import { collectFiles } from './collect-files.ts';
import { connectGuest } from './connect-guest.ts';
import type { HostKeyPins } from './host-keys.ts';
import { PhaseClock } from './phase-clock.ts';
import type { PlannedTarget } from './plan.ts';
import type { Uploads } from './uploads.ts';

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

/** Never rejects: whatever goes wrong is the attempt's outcome. */
export async function runAttempt(context: AttemptContext): Promise<Attempt> {
  const started = new Date();
  const clock = new PhaseClock(context.queued);
  const notes: string[] = [];
  const life = new CellLife(context, clock, notes);
  const verdict = await life.toVerdict();
  const failedIn = clock.phase;
  await life.release(verdict);
  clock.stop();
  return {
    number: context.number,
    ...verdict,
    ...(verdict.outcome === 'error' || verdict.outcome === 'cancelled'
      ? { phase: verdict.phase ?? failedIn }
      : {}),
    started: started.toISOString(),
    timings: clock.timings,
    notes,
  };
}

class CellLife {
  readonly #context: AttemptContext;
  readonly #clock: PhaseClock;
  readonly #notes: string[];
  readonly #cleanup = new CleanupStack();
  #machine: Machine | undefined;
  #lease: Lease | undefined;

  constructor(context: AttemptContext, clock: PhaseClock, notes: string[]) {
    this.#context = context;
    this.#clock = clock;
    this.#notes = notes;
  }

  async toVerdict(): Promise<Verdict> {
    // Aborts with the run, and when the machine dies under us.
    const life = linkSignal(this.#context.signal);
    try {
      const machine = await this.#restore(life.signal);
      void machine.died.then((why) => life.abort(machineDied(why)));
      await this.#boot(machine, life.signal);
      const channel = await this.#connect(machine, life.signal);
      await this.#upload(channel, life.signal);
      await this.#setup(channel, life.signal);
      const exit = await this.#run(channel, life.signal);
      return await this.#collect(channel, exit, life.signal);
    } catch (thrown) {
      return this.#verdictOf(life.signal.aborted ? life.signal.reason : thrown);
    } finally {
      life.unlink();
    }
  }

  /** The last phase. Its own budget: neither a cancelled run nor a spent deadline may cut it short. */
  async release(verdict: Verdict): Promise<void> {
    const failed = verdict.outcome === 'error' || verdict.outcome === 'failed';
    if (failed) await this.#screenshot();
    this.#clock.enter('release');
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

  #restore(signal: AbortSignal): Promise<Machine> {
    return this.#phase('restore', signal, async (deadline) => {
      const { host, runId, planned, cell, folder, number } = this.#context;
      await mkdir(folder, { recursive: true });
      this.#lease = await host.leases.begin({
        run: runId,
        engine: planned.driver.engine,
        target: planned.target.name,
        cell: cell.id,
        attempt: number,
      });
      const lease = this.#lease;
      this.#cleanup.push('removing the lease', () => lease.end());
      this.#cleanup.push('removing the machine', async () => this.#machine?.release());
      this.#machine = await planned.driver.open(planned.target, {
        host,
        lease,
        logs: folder,
        signal: deadline,
      });
      return this.#machine;
    });
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
        { machine, offered: check.access, guest: target.guest, os: target.os, pins },
        deadline,
        this.#notes,
      );
      this.#cleanup.push('closing the channel', () => channel.close());
      return channel;
    });
  }

  async #upload(channel: GuestChannel, signal: AbortSignal): Promise<void> {
    const { upload, results } = this.#context.cell.test;
    if (!upload) return;
    await this.#phase('upload', signal, async (deadline) => {
      const pack = await this.#context.uploads.pack(upload, results, deadline);
      for (const note of pack.notes) this.#notes.push(note);
      await channel.upload(pack.open(), upload.to, deadline);
    });
  }

  async #setup(channel: GuestChannel, signal: AbortSignal): Promise<void> {
    const { setup } = this.#context.cell.test;
    if (setup === undefined) return;
    const exit = await this.#phase('setup', signal, (deadline) =>
      this.#execute(channel, 'setup', setup, deadline),
    );
    if (exit.exitCode === 0) return;
    throw new VmtestError('SETUP_FAILED', `the setup command ended with ${describeExit(exit)}`, {
      hint: 'Its output is in output.log.',
      retryable: true,
    });
  }

  #run(channel: GuestChannel, signal: AbortSignal): Promise<GuestExit> {
    return this.#phase('run', signal, (deadline) =>
      this.#execute(channel, 'run', this.#context.cell.test.run, deadline),
    );
  }

  #collect(channel: GuestChannel, exit: GuestExit, signal: AbortSignal): Promise<Verdict> {
    return this.#phase('collect', signal, async (deadline) => {
      const { test } = this.#context.cell;
      const collected = await collectFiles(channel, test, this.#context.folder, deadline);
      this.#notes.push(...collected.notes);
      return judge({ exit, run: test.run, wanted: test.results, results: collected.results });
    });
  }

  #execute(
    channel: GuestChannel,
    label: 'setup' | 'run',
    script: string,
    signal: AbortSignal,
  ): Promise<GuestExit> {
    const { test } = this.#context.cell;
    const { log } = this.#context;
    return channel.exec(
      { label, script, shell: test.shell, cwd: test.cwd, env: test.env },
      { onStdout: (chunk) => log.write('stdout', chunk), onStderr: (chunk) => log.write('stderr', chunk) },
      signal,
    );
  }

  async #phase<T>(phase: Phase, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { info, number, emit, cell, planned } = this.#context;
    signal.throwIfAborted();
    this.#clock.enter(phase);
    emit({ type: 'cell:phase', cell: info, attempt: number, phase });
    // The user's own commands take as long as he says; only our phases get more time under emulation.
    const factor = phase === 'setup' || phase === 'run' ? 1 : planned.check.slowdown;
    const ms = phase === 'queue' ? 0 : cell.timeouts[phase] * factor;
    // While a machine is being made its driver must come to rest; a guest that is about to vanish need not be waited for.
    const notice = phase === 'restore' || phase === 'boot' ? undefined : 0;
    return withDeadline(signal, ms, `phase ${phase}`, work, notice);
  }

  #verdictOf(thrown: unknown): Verdict {
    const { signal } = this.#context;
    if (signal.aborted) return { ...errorVerdict(toVmtestError(signal.reason)), outcome: 'cancelled' };
    return errorVerdict(toVmtestError(thrown));
  }

  async #screenshot(): Promise<void> {
    const machine = this.#machine;
    const { driver } = this.#context.planned;
    if (!machine || !driver.capabilities.screenshot || this.#context.signal.aborted) return;
    try {
      const signal = AbortSignal.timeout(SCREENSHOT_MS);
      await machine.screenshot(join(this.#context.folder, 'screen.png'), signal);
    } catch (error) {
      // A machine that is gone or has no screen: the verdict says enough.
      this.#context.host.log(`no screenshot of ${machine.name}: ${toVmtestError(error).message}`);
    }
  }

  /** True when the machine was left running for a person to look at. */
  async #keepInstead(failed: boolean): Promise<boolean> {
    const { keep, signal, cell } = this.#context;
    const machine = this.#machine;
    if (
      !machine ||
      !this.#lease ||
      keep === 'never' ||
      (keep === 'on-failure' && !failed) ||
      signal.aborted
    ) {
      return false;
    }
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

const SCREENSHOT_MS = 5_000;

function machineDied(why: string): VmtestError {
  return new VmtestError('MACHINE_DIED', `the machine ended by itself: ${why}`, {
    hint: 'Look at the end of console.log.',
    retryable: true,
  });
}

export function describeExit(exit: GuestExit): string {
  return exit.signal === undefined ? `exit code ${exit.exitCode ?? 'unknown'}` : `signal ${exit.signal}`;
}
