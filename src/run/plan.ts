/**
 * Everything that is known before the first machine starts: the file, the cells that were asked for, an engine for each
 * target, and every problem of every target on this host.
 */
import { isAbsolute, resolve } from 'node:path';
import pLimit from 'p-limit';
import { engineSchemas } from '../../drivers/registry.ts';
import type { BaseTarget, Cell, Matrix } from '../../matrix/model.ts';
import type { Host } from '../host/host.ts';
import { createRedactor } from '../results/redact.ts';
import { loggingHost } from './logging-host.ts';
import { openMatrix } from './open-matrix.ts';
import { type BrokenTarget, type PlannedTarget, ProbeOnce, planTarget } from './plan-target.ts';
import { type Selection, selectCells } from './selection.ts';

export interface PlanOptions extends Selection {
  /** The matrix file. Default: the first of `vmtest.yml`, `matrix.yml`, … in `cwd`. */
  file?: string;
  /** Default: the process's. */
  cwd?: string;
  env?: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal;
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

/** Loads, selects, probes and checks. Starts no machine and changes nothing. */
export async function plan(host: Host, options: PlanOptions = {}): Promise<Plan> {
  const matrix = await openMatrix(options, engineSchemas());
  const cells = await selectCells(host, matrix, options);
  const signal = options.signal ?? new AbortController().signal;
  const made: Plan = { matrix, cells, targets: new Map(), broken: new Map() };
  const redactor = createRedactor(matrix.secrets);
  const probes = new ProbeOnce(loggingHost(host, redactor), signal);
  const limit = pLimit(CHECKS_AT_ONCE);
  const wanted = new Set(cells.map((cell) => cell.target));
  const planned = await Promise.all(
    [...wanted].map((name) => {
      const target = matrix.targets[name] as BaseTarget;
      return limit(() => planTarget(target, loggingHost(host, redactor, target), probes, signal));
    }),
  );
  for (const each of planned) {
    if ('problems' in each) made.broken.set(each.target.name, each);
    else made.targets.set(each.target.name, each);
  }
  return made;
}

/** A path as a person gave it, made absolute. */
export function absolutePath(path: string, cwd = process.cwd()): string {
  return isAbsolute(path) ? path : resolve(cwd, path);
}
