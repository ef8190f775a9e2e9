/**
 * What an attempt waited for, as the times tell: the scheduler leaves no record, but it starts a cell at the moment in
 * which the clean state is ready or another cell gives its place back.
 */
import type { PageCell, Preparation } from '../page-data.ts';
import type { Bar } from './lanes.ts';

export interface Wait {
  /** Milliseconds in all. */
  total: number;
  /** Of these, while the clean state of its target was being made. */
  prepare: number;
  /** The attempt whose end let it start. */
  freedBy?: Bar;
}

/** A shorter wait is none (milliseconds). */
const NOTHING = 100;
/** So long may it take from one's end to another's start (milliseconds). */
const TOLERANCE = 500;

export function waitOf(
  bar: Bar,
  bars: readonly Bar[],
  cells: readonly PageCell[],
  prepared: readonly Preparation[],
): Wait | undefined {
  const total = bar.start - bar.queued;
  if (total < NOTHING) return undefined;
  const target = cells[bar.cell]?.values['target'];
  const own = prepared.filter((one) => one.target === target && one.end <= bar.start + TOLERANCE);
  const prepare = own.reduce(
    (sum, { start, end }) => sum + Math.max(0, Math.min(end, bar.start) - Math.max(start, bar.queued)),
    0,
  );
  const preparedAt = Math.max(0, ...own.map(({ end }) => end));
  const freedBy = lastEndBefore(bar, bars, cells);
  return freedBy && freedBy.end > preparedAt ? { total, prepare, freedBy } : { total, prepare };
}

/** The attempts behind one another that kept the run from ending sooner, the last one first. */
export function longestChain(
  bars: readonly Bar[],
  cells: readonly PageCell[],
  prepared: readonly Preparation[],
): Bar[] {
  const chain: Bar[] = [];
  let bar = bars.toSorted((a, b) => b.end - a.end)[0];
  while (bar && !chain.includes(bar)) {
    chain.push(bar);
    const { number } = bar.attempt;
    const { cell } = bar;
    const before = bars.find((one) => one.cell === cell && one.attempt.number === number - 1);
    bar = before ?? waitOf(bar, bars, cells, prepared)?.freedBy;
  }
  return chain;
}

/** On the same engine if there is one: its places may be limited, those of the host always are. */
function lastEndBefore(bar: Bar, bars: readonly Bar[], cells: readonly PageCell[]): Bar | undefined {
  const near = bars.filter(
    ({ end, cell }) => cell !== bar.cell && end <= bar.start + 1 && end >= bar.start - TOLERANCE,
  );
  const engine = cells[bar.cell]?.engine;
  const latest = (some: readonly Bar[]) => some.toSorted((a, b) => b.end - a.end)[0];
  return latest(near.filter(({ cell }) => cells[cell]?.engine === engine)) ?? latest(near);
}
