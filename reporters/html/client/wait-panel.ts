/** Tells of the attempt under the pointer or the focus: its phases, and what it waited for. */
import { formatDuration } from '../../../src/results/duration.ts';
import type { Bar } from '../view/lanes.ts';
import { waitOf } from '../view/waits.ts';
import type { App } from './app.ts';
import { badge } from './badge.ts';
import { el, name } from './dom.ts';
import { keyOf } from './gantt-row.ts';

export interface WaitPanel {
  panel: HTMLElement;
  /** @param key of a bar. */
  show(chart: HTMLElement, key: string): void;
}

export function waitPanel(app: App, bars: readonly Bar[]): WaitPanel {
  const { cells, prepared } = app.index;
  const byKey = new Map(bars.map((bar) => [keyOf(bar), bar]));
  const hint = 'Point at a bar, or walk over them with Tab and the arrow keys, to see what it waited for.';
  const panel = el('div', { class: 'wait-panel', role: 'status' }, el('span', { class: 'faint' }, hint));
  return {
    panel,
    show(chart, key) {
      const bar = byKey.get(key);
      const cell = bar && cells[bar.cell];
      if (!bar || !cell) return;
      const wait = waitOf(bar, bars, cells, prepared);
      const phases = bar.attempt.timings.map(([phase, ms]) => `${phase} ${formatDuration(ms)}`);
      const freed = wait?.freedBy && cells[wait.freedBy.cell];
      panel.replaceChildren(
        badge(bar.attempt.outcome),
        ' ',
        name(cell.id, { class: 'strong' }),
        el('span', { class: 'faint' }, ` ${phases.join(', ')}`),
        el(
          'div',
          {},
          wait ? `Waited ${formatDuration(wait.total)}` : 'Did not wait',
          wait && wait.prepare > 0 ? `, ${formatDuration(wait.prepare)} of it for the clean state` : '',
          freed ? ', until ' : '',
          freed && name(freed.id, { class: 'strong' }),
          freed ? ' gave its place back' : '',
          '.',
        ),
      );
      for (const marked of chart.querySelectorAll('.freed')) marked.classList.remove('freed');
      if (wait?.freedBy) chart.querySelector(`[data-bar="${keyOf(wait.freedBy)}"]`)?.classList.add('freed');
    },
  };
}
