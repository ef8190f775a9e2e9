/** How many attempts were at work, and how many waited, at every moment. */
import { type Bar, JITTER } from './lanes.ts';

export interface LoadStep {
  /** Milliseconds from the start of the run. */
  at: number;
  busy: number;
  waiting: number;
}

export function loadOf(bars: readonly Bar[]): LoadStep[] {
  const changes = bars.flatMap(({ queued, start, end }) => [
    { at: queued, busy: 0, waiting: 1 },
    { at: start, busy: 1, waiting: -1 },
    { at: Math.max(start, end - JITTER), busy: -1, waiting: 0 },
  ]);
  changes.sort((a, b) => a.at - b.at);
  const steps: LoadStep[] = [{ at: 0, busy: 0, waiting: 0 }];
  for (const { at, busy, waiting } of changes) {
    const last = steps.at(-1) as LoadStep;
    const next = { at, busy: last.busy + busy, waiting: last.waiting + waiting };
    if (last.at === at) steps[steps.length - 1] = next;
    else steps.push(next);
  }
  return steps;
}
