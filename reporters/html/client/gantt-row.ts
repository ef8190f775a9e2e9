/** One row of the time line: attempts as bars, each a link to its cell. */
import { formatDuration } from '../../../src/results/duration.ts';
import type { Preparation } from '../page-data.ts';
import type { Bar } from '../view/lanes.ts';
import { SIGNS } from '../view/words.ts';
import type { App } from './app.ts';
import { el, name } from './dom.ts';
import { paintPhases } from './phase-paint.ts';

export interface Chart {
  app: App;
  /** Milliseconds of the whole. */
  duration: number;
  /** Bars to point out. */
  chain: ReadonlySet<Bar>;
}

export interface GanttRow {
  name: string;
  bars: readonly Bar[];
  prepared?: readonly Preparation[];
  /** Show for how long each waited. */
  waits?: boolean;
}

export function ganttRow(
  chart: Chart,
  { name: title, bars, prepared = [], waits = false }: GanttRow,
): HTMLElement {
  const track = el('div', { class: 'track', 'data-row': true });
  for (const bar of bars) {
    if (waits && bar.start > bar.queued) track.append(waiting(chart, bar));
    track.append(barLink(chart, bar));
  }
  for (const one of prepared) track.append(preparation(chart, one));
  return el('div', { class: 'gantt-row' }, el('span', { class: 'lane' }, name(title, { title })), track);
}

/** How a bar is told apart from all others in `data-bar`. */
export function keyOf({ cell, attempt }: Bar): string {
  return `${cell}.${attempt.number}`;
}

function barLink({ app, duration, chain }: Chart, bar: Bar): HTMLElement {
  const cell = app.index.cells[bar.cell];
  const { outcome, number, timings } = bar.attempt;
  const link = el(
    'a',
    {
      class: `bar ${outcome}${chain.has(bar) ? ' chained' : ''}${chain.size > 0 && !chain.has(bar) ? ' dim' : ''}`,
      href: app.linkToCell(bar.cell),
      'data-bar': keyOf(bar),
      tabindex: -1,
      'aria-label': `${cell?.id}${number > 1 ? `, attempt ${number}` : ''}: ${outcome}, ${formatDuration(bar.end - bar.start)}`,
    },
    outcome === 'passed' ? undefined : el('span', { class: 'bar-sign' }, SIGNS[outcome]),
  );
  place(link, bar.start, bar.end, duration);
  paintPhases(
    link,
    timings.filter(([phase]) => phase !== 'queue'),
  );
  return link;
}

function waiting({ duration }: Chart, { queued, start }: Bar): HTMLElement {
  const span = el('span', { class: 'waiting', title: `waited ${formatDuration(start - queued)}` });
  place(span, queued, start, duration);
  return span;
}

function preparation({ duration }: Chart, { target, state, start, end }: Preparation): HTMLElement {
  const text = `${target}: clean state ${state === 'done' ? 'made' : 'failed'}, ${formatDuration(end - start)}`;
  const span = el('span', { class: `preparation ${state}`, title: text }, name(target));
  place(span, start, end, duration);
  return span;
}

function place(element: HTMLElement, start: number, end: number, duration: number): void {
  element.style.left = `${(100 * start) / duration}%`;
  element.style.width = `${(100 * Math.max(0, end - start)) / duration}%`;
}
