/** Attempts as bars over time, packed into as few lanes an engine as were at work at once. */
import type { PageAttempt, PageCell } from '../page-data.ts';

export interface Bar {
  /** Index of the cell. */
  cell: number;
  attempt: PageAttempt;
  /** Milliseconds from the start of the run. It waited from `queued` to `start`. */
  queued: number;
  start: number;
  end: number;
}

/** Starts and ends are read off different clocks, so one place may seem to be taken twice (milliseconds). */
export const JITTER = 10;

export interface Lane {
  name: string;
  bars: Bar[];
}

/** In the order in which they began to work. */
export function barsOf(cells: readonly PageCell[]): Bar[] {
  const bars = cells.flatMap(({ attempts }, cell) =>
    attempts.map((attempt): Bar => {
      const [queue, busy] = split(attempt);
      const { start } = attempt;
      return { cell, attempt, queued: Math.max(0, start - queue), start, end: start + busy };
    }),
  );
  return bars.sort((a, b) => a.start - b.start);
}

export function lanesOf(cells: readonly PageCell[], bars: readonly Bar[]): Lane[] {
  const byEngine = new Map<string, Bar[][]>();
  for (const bar of bars) {
    const engine = cells[bar.cell]?.engine ?? '';
    const lanes = byEngine.get(engine) ?? [];
    byEngine.set(engine, lanes);
    const free = lanes.find((lane) => (lane.at(-1)?.end ?? 0) <= bar.start + JITTER);
    if (free) free.push(bar);
    else lanes.push([bar]);
  }
  return [...byEngine].flatMap(([engine, lanes]) =>
    lanes.map((lane, index) => ({ name: `${engine} ${index + 1}`, bars: lane })),
  );
}

/** Milliseconds of waiting and of work. */
function split({ timings }: PageAttempt): [queue: number, busy: number] {
  let queue = 0;
  let busy = 0;
  for (const [phase, ms] of timings) {
    if (phase === 'queue') queue += ms;
    else busy += ms;
  }
  return [queue, busy];
}
