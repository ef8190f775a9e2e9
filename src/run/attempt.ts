/** One try at a cell, from a clean machine to the verdict. */
import { toVmtestError } from '../host/errors.ts';
import type { Attempt } from '../results/model.ts';
import { cancelVerdict, errorVerdict, type Verdict } from '../results/verdict.ts';
import { type AttemptContext, CellLife } from './cell-life.ts';
import { errorInfo } from './error-info.ts';
import { PhaseClock } from './phase-clock.ts';

export interface AttemptResult {
  result: Attempt;
  /** Whether an error may pass on a fresh machine. */
  retryable: boolean;
}

/** Never rejects: whatever goes wrong is the attempt's outcome. The machine is gone (or kept on purpose) afterwards. */
export async function runAttempt(context: AttemptContext): Promise<AttemptResult> {
  const started = new Date().toISOString();
  const clock = new PhaseClock(context.queued);
  const notes: string[] = [];
  const life = new CellLife(context, clock, notes);
  const { verdict, retryable } = await toVerdict(context, life, clock);
  await life.release(verdict.outcome === 'failed' || verdict.outcome === 'error');
  clock.stop();
  return {
    retryable,
    result: {
      number: context.number,
      ...verdict,
      started,
      timings: clock.timings,
      notes: [...notes, ...verdict.notes],
    },
  };
}

async function toVerdict(
  context: AttemptContext,
  life: CellLife,
  clock: PhaseClock,
): Promise<{ verdict: Verdict; retryable: boolean }> {
  try {
    return { verdict: await life.live(), retryable: false };
  } catch (thrown) {
    const { phase } = clock;
    if (context.signal.aborted) {
      const { message } = toVmtestError(context.signal.reason);
      return { verdict: cancelVerdict(phase, message), retryable: false };
    }
    const error = toVmtestError(thrown);
    const info = errorInfo(error, await life.circumstances());
    return { verdict: errorVerdict(phase, info), retryable: error.retryable };
  }
}
