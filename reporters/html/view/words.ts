/** Words and signs for outcomes and counts. A sign never stands for a colour alone. */
import type { Outcome, TestStatus } from '../../../src/results/model.ts';
import type { PageCell } from '../page-data.ts';

export const SIGNS: Record<Outcome, string> = {
  passed: '✓',
  failed: '✗',
  error: '!',
  flaky: '↻',
  skipped: '–',
  cancelled: '⊘',
};

export const OUTCOMES = [
  'failed',
  'error',
  'flaky',
  'cancelled',
  'skipped',
  'passed',
] as const satisfies Outcome[];

/** The letters of `TestRow.marks`. */
export const MARKED: Record<string, TestStatus | 'flaky'> = {
  p: 'passed',
  f: 'failed',
  e: 'error',
  s: 'skipped',
  y: 'flaky',
};

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Milliseconds in which a machine was busy, over all attempts. */
export function busyTime({ attempts }: PageCell): number {
  return attempts
    .flatMap(({ timings }) => timings)
    .reduce((sum, [phase, ms]) => (phase === 'queue' ? sum : sum + ms), 0);
}

/** `1.2 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return plural(bytes, 'byte');
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
