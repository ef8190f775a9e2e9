/** Machines at work, and cells that wait, over time. */
import type { Bar } from '../view/lanes.ts';
import { type LoadStep, loadOf } from '../view/load.ts';
import { el, svg } from './dom.ts';

export function loadChart(bars: readonly Bar[], duration: number): HTMLElement {
  const steps = loadOf(bars);
  const busiest = Math.max(1, ...steps.map(({ busy }) => busy));
  const longest = Math.max(1, ...steps.map(({ waiting }) => waiting));
  const label = `${busiest} at work at most, ${longest} waiting at most`;
  return el(
    'div',
    { class: 'gantt-row load' },
    el('span', { class: 'lane', title: label }, `▆ ${busiest} at work  ∕ ${longest} wait`),
    el(
      'div',
      { class: 'track', role: 'img', 'aria-label': label, title: label },
      svg(
        'svg',
        { viewBox: `0 0 ${duration} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
        svg('path', {
          class: 'load-busy',
          d: `${stairs(steps, ({ busy }) => busy / busiest)}H${duration}V1H0Z`,
        }),
        svg('path', { class: 'load-waiting', d: stairs(steps, ({ waiting }) => waiting / longest) }),
      ),
    ),
  );
}

/** Steps, not slopes: a machine is at work or it is not. */
function stairs([first, ...steps]: readonly LoadStep[], heightOf: (step: LoadStep) => number): string {
  const y = (step: LoadStep) => (1 - heightOf(step)).toFixed(4);
  return `M0 ${first ? y(first) : 1}${steps.map((step) => `H${step.at}V${y(step)}`).join('')}`;
}
