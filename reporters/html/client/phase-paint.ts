/** Phases as stripes of one background: a bar of the time line is one element, not nine. */
import type { Phase } from '../../../src/results/model.ts';

export function paintPhases(element: HTMLElement, timings: readonly (readonly [Phase, number])[]): void {
  const total = timings.reduce((sum, [, ms]) => sum + ms, 0) || 1;
  let done = 0;
  const stops = timings.map(([phase, ms]) => {
    const from = (100 * done) / total;
    done += ms;
    return `var(--phase-${phase}) ${from}% ${(100 * done) / total}%`;
  });
  element.style.backgroundImage = `linear-gradient(to right, ${stops.join(', ')})`;
}
