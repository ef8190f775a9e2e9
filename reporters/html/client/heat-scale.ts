/** What the colours of the heat map mean: outcomes, or times from short to long. */
import type { Outcome } from '../../../src/results/model.ts';
import type { PageCell } from '../page-data.ts';
import { clockText } from '../view/ticks.ts';
import { busyTime, OUTCOMES, SIGNS } from '../view/words.ts';
import type { App } from './app.ts';
import { el } from './dom.ts';

const STEPS = 7;

export interface HeatScale {
  byTime: boolean;
  /** Milliseconds of the shortest and the longest cell. */
  range: [number, number];
  classOf(cells: readonly PageCell[], worst: Outcome): string;
}

export function heatScale(app: App): HeatScale {
  const times = app.index.cells.filter(({ attempts }) => attempts.length > 0).map(busyTime);
  const shortest = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const longest = times.reduce((a, b) => Math.max(a, b), 0);
  const byTime = app.get('by') === 'time' && times.length > 0;
  // Logarithms: a cell of a minute among cells of a second must not make those all alike.
  const log = (ms: number) => Math.log(Math.max(1, ms));
  return {
    byTime,
    range: [shortest, longest],
    classOf(cells, worst) {
      if (!byTime) return worst;
      const mean = meanTime(cells);
      if (mean === undefined) return 'heat-none';
      const share = (log(mean) - log(shortest)) / (log(longest) - log(shortest) || 1);
      return `heat-${Math.min(STEPS - 1, Math.floor(share * STEPS))}`;
    },
  };
}

/** Undefined when none of them ever started. */
export function meanTime(cells: readonly PageCell[]): number | undefined {
  const ran = cells.filter(({ attempts }) => attempts.length > 0).map(busyTime);
  return ran.length === 0 ? undefined : ran.reduce((sum, ms) => sum + ms, 0) / ran.length;
}

export function legend(app: App, { byTime, range: [shortest, longest] }: HeatScale): HTMLElement {
  if (!byTime) {
    const present = OUTCOMES.filter((outcome) => app.index.summary.cells[outcome] > 0);
    return el(
      'p',
      { class: 'legend' },
      ...present.map((outcome) =>
        el(
          'span',
          {},
          el('span', { class: `swatch ${outcome}`, 'aria-hidden': 'true' }, SIGNS[outcome]),
          ` ${outcome}`,
        ),
      ),
    );
  }
  const steps = Array.from({ length: STEPS }, (_, step) => el('span', { class: `swatch heat-${step}` }));
  return el('p', { class: 'legend' }, clockText(shortest), ...steps, clockText(longest), ' of work');
}
