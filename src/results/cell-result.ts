/** From the attempts at a cell to its result. Each has at least one case, so that every report shows every cell. */
import { countTests } from './counts.ts';
import { withEarlierFailures } from './earlier-failures.ts';
import type {
  Attempt,
  CellFiles,
  CellInfo,
  CellResult,
  ErrorInfo,
  Outcome,
  Phase,
  TestSuite,
} from './model.ts';
import { errorSuite, notRunSuite } from './pseudo-suites.ts';

export interface CellFrame {
  cell: CellInfo;
  /** `continue-on-error`. */
  allowedToFail: boolean;
  files: CellFiles;
  /** Besides those of the attempts. */
  notes?: readonly string[];
}

/** Why a cell never started: left out on purpose, given up (Ctrl-C, fail-fast), or impossible on this host. */
export type Unstarted =
  | { outcome: 'skipped' | 'cancelled'; reason: string }
  | { outcome: 'error'; phase: Phase; error: ErrorInfo };

/** The last attempt decides; failures of earlier ones are kept beside its cases. */
export function settleCell(frame: CellFrame, attempts: readonly [Attempt, ...Attempt[]]): CellResult {
  const last = attempts.at(-1) ?? attempts[0];
  const earlier = attempts.slice(0, -1);
  const suites = withEarlierFailures(
    last.suites,
    earlier.map((attempt) => attempt.suites),
  );
  return {
    ...cellInfoOf(frame.cell),
    outcome: outcomeOf(last, earlier),
    allowedToFail: frame.allowedToFail,
    ...(last.phase === undefined ? {} : { phase: last.phase }),
    ...(last.error === undefined ? {} : { error: last.error }),
    attempts: attempts.map(({ suites: _suites, ...attempt }) => attempt),
    timings: sumTimings(attempts),
    tests: countTests(suites),
    suites,
    notes: collectNotes(attempts, frame.notes),
    files: frame.files,
  };
}

export function unstartedCell(frame: CellFrame, why: Unstarted): CellResult {
  const suite = unstartedSuite(why);
  return {
    ...cellInfoOf(frame.cell),
    outcome: why.outcome,
    allowedToFail: frame.allowedToFail,
    ...(why.outcome === 'error' ? { phase: why.phase, error: why.error } : {}),
    attempts: [],
    timings: {},
    tests: countTests([suite]),
    suites: [suite],
    notes: collectNotes([], frame.notes),
    files: frame.files,
  };
}

/** Only what belongs to the model, also when a richer cell was handed in. */
export function cellInfoOf(cell: CellInfo): CellInfo {
  const { id, slug, index, target, values, engine, engineVersion, passedOver, snapshot } = cell;
  return {
    ...{ id, slug, index, target, values, engine },
    ...(engineVersion === undefined ? {} : { engineVersion }),
    ...(passedOver === undefined ? {} : { passedOver }),
    snapshot,
  };
}

/** A pass after an `error` is a pass: that error was not the software's. After a failure it is `flaky`. */
function outcomeOf(last: Attempt, earlier: readonly Attempt[]): Outcome {
  const failedBefore = earlier.some(({ outcome }) => outcome === 'failed');
  return last.outcome === 'passed' && failedBefore ? 'flaky' : last.outcome;
}

function unstartedSuite(why: Unstarted): TestSuite {
  if (why.outcome === 'error') return errorSuite(why.phase, why.error);
  return notRunSuite(why.outcome === 'cancelled' ? `cancelled: ${why.reason}` : why.reason);
}

/** What the cell took in each phase, over all its attempts. */
function sumTimings(attempts: readonly Attempt[]): Partial<Record<Phase, number>> {
  const sums: Partial<Record<Phase, number>> = {};
  for (const { timings } of attempts) {
    for (const [phase, ms] of Object.entries(timings) as [Phase, number][]) {
      sums[phase] = (sums[phase] ?? 0) + ms;
    }
  }
  return sums;
}

function collectNotes(attempts: readonly Attempt[], others: readonly string[] = []): string[] {
  return [...new Set([...others, ...attempts.flatMap(({ notes }) => notes)])];
}
