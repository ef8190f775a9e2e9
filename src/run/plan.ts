/**
 * Everything that is known before the first machine starts: the file, the cells that were asked for, an engine for each
 * target, and every problem of every target on this host.
 */
import { isAbsolute, resolve } from 'node:path';
import pLimit from 'p-limit';
import type { Check, Driver, Probe, TargetProblem } from '../../drivers/driver.ts';
import { engineSchemas, loadDriver } from '../../drivers/registry.ts';
import type { BaseTarget, Cell, Matrix } from '../../matrix/model.ts';
import { withDeadline } from '../host/deadline.ts';
import { toVmtestError } from '../host/errors.ts';
import type { Host } from '../host/host.ts';
import { openMatrix } from './open-matrix.ts';
import { type Selection, selectCells } from './selection.ts';

export interface PlanOptions extends Selection {
  /** The matrix file. Default: the first of `vmtest.yml`, `matrix.yml`, … in `cwd`. */
  file?: string;
  /** Default: the process's. */
  cwd?: string;
  env?: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal;
}

export interface PlannedTarget {
  target: BaseTarget;
  driver: Driver;
  probe: Probe;
  check: Check;
  /** What was chosen and why, for people. */
  notes: string[];
}

/** A target that cannot run here, with all that is wrong. */
export interface BrokenTarget {
  target: BaseTarget;
  engine: string;
  problems: TargetProblem[];
}

export interface Plan {
  matrix: Matrix;
  /** The selected cells, in the file's order. */
  cells: Cell[];
  targets: Map<string, PlannedTarget>;
  broken: Map<string, BrokenTarget>;
}

/** Targets are checked side by side, but not all at once: each may start a few programs. */
const CHECKS_AT_ONCE = 8;
const PROBE_MS = 10_000;
const CHECK_MS = 60_000;

/** Loads, selects, probes and checks. Starts no machine and changes nothing. */
export async function plan(host: Host, options: PlanOptions = {}): Promise<Plan> {
  const matrix = await openMatrix(options, engineSchemas());
  const cells = await selectCells(host, matrix, options);
  const signal = options.signal ?? new AbortController().signal;
  const made: Plan = { matrix, cells, targets: new Map(), broken: new Map() };
  const probes = new ProbeOnce(host, signal);
  const limit = pLimit(CHECKS_AT_ONCE);
  const wanted = new Set(cells.map((cell) => cell.target));
  const planned = await Promise.all(
    [...wanted].map((name) =>
      limit(() => planTarget(matrix.targets[name] as BaseTarget, host, probes, signal)),
    ),
  );
  for (const each of planned) {
    if ('problems' in each) made.broken.set(each.target.name, each);
    else made.targets.set(each.target.name, each);
  }
  return made;
}

/** Chooses the first engine that works here, and checks the target on it. */
export async function planTarget(
  target: BaseTarget,
  host: Host,
  probes: ProbeOnce,
  signal: AbortSignal,
): Promise<PlannedTarget | BrokenTarget> {
  const absent: TargetProblem[] = [];
  for (const engine of target.engines) {
    const { driver, probe } = await probes.of(engine);
    if (!probe.available) {
      absent.push(engineAbsent(engine, probe));
      continue;
    }
    try {
      const check = await withDeadline(signal, CHECK_MS, `checking target ${target.name}`, (deadline) =>
        driver.check(target, { host, signal: deadline }),
      );
      if (check.problems.length > 0) return { target, engine, problems: check.problems };
      return { target, driver, probe, check, notes: describeChoice(target, engine, probe, check, absent) };
    } catch (error) {
      signal.throwIfAborted();
      return { target, engine, problems: [problemOf(error)] };
    }
  }
  return { target, engine: target.engines[0] ?? 'none', problems: absent };
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

/** A path as a person gave it, made absolute. */
export function absolutePath(path: string, cwd = process.cwd()): string {
  return isAbsolute(path) ? path : resolve(cwd, path);
}

function engineAbsent(engine: string, probe: Probe): TargetProblem {
  return {
    code: 'ENGINE_UNAVAILABLE',
    message: `${engine} cannot be used here: ${probe.findings.join('; ') || 'not found'}`,
    ...(probe.fixes.length > 0 ? { hint: probe.fixes.join('\n') } : {}),
  };
}

function describeChoice(
  target: BaseTarget,
  engine: string,
  probe: Probe,
  check: Check,
  absent: readonly TargetProblem[],
): string[] {
  const version = probe.version === undefined ? '' : ` ${probe.version}`;
  const instead = absent.map((problem) => `; ${problem.message}`).join('');
  return [
    `${engine}${version}, ${check.cleanState}${target.engines.length > 1 ? instead : ''}`,
    ...check.notes,
  ];
}

function problemOf(error: unknown): TargetProblem {
  const { code, message, hint } = toVmtestError(error);
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
