/** What is known of earlier runs of a matrix file, and what counts as a whole record of it. */
import type { Outcome } from '../results/model.ts';
import { isTestHistory, type TestHistory } from './test-history.ts';

export interface CellHistory {
  /** Milliseconds from the first phase after the queue to the end, smoothed over runs. */
  duration?: number;
  outcome: Outcome;
  /** Of the last runs, the newest last; those that were cancelled or skipped are left out. */
  recent?: Outcome[];
  tests?: TestHistory;
}

export type History = Record<string, CellHistory>;

export interface Past {
  cells: History;
  /** Target → milliseconds that making its clean state took the last time. */
  prepared: Record<string, number>;
  /** Set when something was known, and cannot be read: nothing may be concluded from what is missing here. */
  isLost?: true;
}

const OUTCOMES: readonly Outcome[] = ['passed', 'failed', 'error', 'skipped', 'cancelled', 'flaky'];

export function parsePast(text: string): Past | undefined {
  const { cells, prepared = {} } = JSON.parse(text) as Partial<Past>;
  if (!isTable(cells, isCell) || !isTable(prepared, isDuration)) return undefined;
  return { cells, prepared };
}

function isTable<T>(value: unknown, is: (entry: unknown) => entry is T): value is Record<string, T> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(is)
  );
}

function isCell(value: unknown): value is CellHistory {
  if (typeof value !== 'object' || value === null) return false;
  const { duration, outcome, recent = [], tests } = value as Partial<CellHistory>;
  return (
    (duration === undefined || isDuration(duration)) &&
    isOutcome(outcome) &&
    Array.isArray(recent) &&
    recent.every(isOutcome) &&
    (tests === undefined || isTestHistory(tests))
  );
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function isOutcome(value: unknown): value is Outcome {
  return (OUTCOMES as unknown[]).includes(value);
}
