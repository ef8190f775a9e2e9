/** The engine of one target: the first of those it names that works here, and what that engine says about the target. */
import type { Check, Driver, Probe, TargetProblem } from '../../drivers/driver.ts';
import { problemOf } from '../../drivers/problem.ts';
import { loadDriver } from '../../drivers/registry.ts';
import type { BaseTarget } from '../../matrix/model.ts';
import { withDeadline } from '../host/deadline.ts';
import { toVmtestError } from '../host/errors.ts';
import type { Host } from '../host/host.ts';
import type { PassedOver } from '../results/model.ts';
import { mayLogIn } from './connect-guest.ts';
import { keyNotes, readGuestKey } from './guest-key.ts';

export interface PlannedTarget {
  target: BaseTarget;
  driver: Driver;
  probe: Probe;
  check: Check;
  /** Engines that the target names before this one. */
  passedOver: PassedOver[];
  /** What was chosen and why, for people. */
  notes: string[];
}

/** A target that cannot run here, with all that is wrong. */
export interface BrokenTarget {
  target: BaseTarget;
  engine: string;
  problems: TargetProblem[];
}

const PROBE_MS = 10_000;
const CHECK_MS = 60_000;

/** Chooses the first engine that works here, and checks the target on it. */
export async function planTarget(
  target: BaseTarget,
  host: Host,
  probes: ProbeOnce,
  signal: AbortSignal,
): Promise<PlannedTarget | BrokenTarget> {
  const absent: TargetProblem[] = [];
  const passedOver: PassedOver[] = [];
  for (const engine of target.engines) {
    const { driver, probe } = await probes.of(engine);
    if (!probe.available) {
      passedOver.push({ engine, reason: whyAbsent(probe) });
      absent.push(engineAbsent(engine, probe));
      continue;
    }
    try {
      const check = await withDeadline(signal, CHECK_MS, `checking target ${target.name}`, (deadline) =>
        driver.check(target, { host, signal: deadline }),
      );
      if (check.problems.length > 0) return { target, engine, problems: check.problems };
      const notes = [...describeChoice(engine, probe, check, passedOver), ...(await aboutKey(target, check))];
      return { target, driver, probe, check, passedOver, notes };
    } catch (error) {
      signal.throwIfAborted();
      return { target, engine, problems: [problemOf(error)] };
    }
  }
  return { target, engine: target.engines[0] ?? 'none', problems: absent };
}

/** @throws VmtestError when it is needed and cannot be read. */
async function aboutKey({ guest }: BaseTarget, { access }: Check): Promise<string[]> {
  if (guest.key === undefined || !mayLogIn({ offered: access, guest })) return [];
  await readGuestKey(guest.key);
  return keyNotes(guest.key);
}

/** Asks each engine once a run, however many targets name it. */
export class ProbeOnce {
  readonly #host: Host;
  readonly #signal: AbortSignal;
  readonly #answers = new Map<string, Promise<{ driver: Driver; probe: Probe }>>();

  constructor(host: Host, signal: AbortSignal) {
    this.#host = host;
    this.#signal = signal;
  }

  of(engine: string): Promise<{ driver: Driver; probe: Probe }> {
    let answer = this.#answers.get(engine);
    if (!answer) {
      answer = this.#ask(engine);
      this.#answers.set(engine, answer);
    }
    return answer;
  }

  async #ask(engine: string): Promise<{ driver: Driver; probe: Probe }> {
    const driver = await loadDriver(engine);
    try {
      const probe = await withDeadline(this.#signal, PROBE_MS, `looking for ${engine}`, (signal) =>
        driver.probe({ host: this.#host, signal }),
      );
      return { driver, probe };
    } catch (error) {
      this.#signal.throwIfAborted();
      const { message, hint } = toVmtestError(error);
      return {
        driver,
        probe: { available: false, findings: [message], fixes: hint === undefined ? [] : [hint] },
      };
    }
  }
}

function engineAbsent(engine: string, probe: Probe): TargetProblem {
  return {
    code: 'ENGINE_UNAVAILABLE',
    message: notUsable(engine, whyAbsent(probe)),
    ...(probe.fixes.length > 0 ? { hint: probe.fixes.join('\n') } : {}),
  };
}

function whyAbsent({ findings }: Probe): string {
  return findings.join('; ') || 'not found';
}

function notUsable(engine: string, reason: string): string {
  return `${engine} cannot be used here: ${reason}`;
}

function describeChoice(
  engine: string,
  probe: Probe,
  check: Check,
  passedOver: readonly PassedOver[],
): string[] {
  const version = probe.version === undefined ? '' : ` ${probe.version}`;
  const instead = passedOver.map(({ engine: other, reason }) => `; ${notUsable(other, reason)}`).join('');
  return [`${engine}${version}, ${check.cleanState}${instead}`, ...check.notes];
}
