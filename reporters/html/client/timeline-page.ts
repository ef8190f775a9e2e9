/** The whole run over time: what was at work when, what waited, and for what. */
import { formatDuration } from '../../../src/results/duration.ts';
import { PHASES } from '../../../src/results/model.ts';
import { type Bar, barsOf, lanesOf } from '../view/lanes.ts';
import { clockText, ticksFor } from '../view/ticks.ts';
import { longestChain } from '../view/waits.ts';
import { plural } from '../view/words.ts';
import type { App } from './app.ts';
import { el, name } from './dom.ts';
import { type Chart, ganttRow } from './gantt-row.ts';
import { walkable } from './keyboard.ts';
import { loadChart } from './load-chart.ts';
import { paintPhases } from './phase-paint.ts';
import { timelineControls } from './timeline-controls.ts';
import { waitPanel } from './wait-panel.ts';

/** More rows than these make no picture. */
const ROWS = 2_000;

export function timelinePage(app: App): HTMLElement {
  document.title = 'Timeline';
  const { cells, run, prepared } = app.index;
  const all = barsOf(cells);
  const bars = all.filter(({ cell }) => app.chosen.has(cell));
  const duration = Math.max(
    1,
    Date.parse(run.finished) - Date.parse(run.started),
    ...all.map(({ end }) => end),
  );
  const chain = new Set(app.get('chain') === '' ? [] : longestChain(all, cells, prepared));
  const chart: Chart = { app, duration, chain };
  const byCells = app.get('by') === 'cells';
  const chained = new Set(Array.from(chain, ({ cell }) => cell));
  const rows = byCells
    ? cellRows(
        app,
        bars.filter(({ cell }) => chain.size === 0 || chained.has(cell)),
      )
    : lanesOf(cells, bars);
  const { panel, show } = waitPanel(app, all);
  const zoom = Number(app.get('zoom')) || 1;
  const inner = el(
    'div',
    { class: byCells ? 'gantt by-cells' : 'gantt' },
    axis(duration, zoom),
    loadChart(bars, duration),
    prepared.length > 0 && ganttRow(chart, { name: 'clean states', bars: [], prepared }),
    ...rows.slice(0, ROWS).map((row) => ganttRow(chart, row)),
  );
  inner.style.width = `${100 * zoom}%`;
  walkable(inner, 'a.bar');
  for (const kind of ['focusin', 'mouseover']) {
    inner.addEventListener(kind, ({ target }) => {
      const place = (target as Element).closest<HTMLElement>('a.bar')?.dataset['bar'];
      if (place !== undefined) show(inner, place);
    });
  }
  return el(
    'section',
    { class: 'timeline' },
    el('h1', {}, 'Timeline'),
    el('div', { class: 'controls' }, ...timelineControls(app, zoom)),
    legend(),
    panel,
    bars.length === 0
      ? el('p', { class: 'faint' }, 'None of these cells ever started.')
      : el(
          'div',
          { class: 'scroll gantt-scroll', tabindex: 0, role: 'group', 'aria-label': 'Time line, scrolls' },
          inner,
        ),
    rows.length > ROWS &&
      el('p', { class: 'faint' }, `${plural(rows.length - ROWS, 'more row')} are not shown.`),
    chain.size > 0 && chainText(app, [...chain].reverse()),
  );
}

function cellRows({ index }: App, bars: readonly Bar[]): { name: string; bars: Bar[]; waits: boolean }[] {
  const rows = new Map<number, Bar[]>();
  for (const bar of bars) rows.set(bar.cell, [...(rows.get(bar.cell) ?? []), bar]);
  return [...rows].map(([cell, own]) => ({ name: index.cells[cell]?.id ?? '', bars: own, waits: true }));
}

function axis(duration: number, zoom: number): HTMLElement {
  const row = el('div', { class: 'axis-row', 'aria-hidden': 'true' });
  for (const ms of ticksFor(duration, 10 * zoom)) {
    const tick = el('span', {}, clockText(ms));
    tick.style.left = `${(100 * ms) / duration}%`;
    row.append(tick);
  }
  return el('div', { class: 'gantt-row' }, el('span', { class: 'lane' }), row);
}

function legend(): HTMLElement {
  const parts = [...PHASES].map((phase) => {
    const swatch = el('span', { class: 'swatch', 'aria-hidden': 'true' });
    paintPhases(swatch, [[phase, 1]]);
    return el('span', {}, swatch, ` ${phase}`);
  });
  return el('p', { class: 'legend' }, ...parts);
}

function chainText({ index }: App, chain: readonly Bar[]): HTMLElement {
  return el(
    'section',
    { 'aria-labelledby': 'chain' },
    el('h2', { id: 'chain' }, 'What the end waited for'),
    el(
      'p',
      { class: 'faint' },
      'Each started when the one before it gave its place back, as far as the times tell.',
    ),
    el(
      'ol',
      {},
      ...chain.map((bar) =>
        el('li', {}, name(index.cells[bar.cell]?.id ?? ''), ` ${formatDuration(bar.end - bar.start)}`),
      ),
    ),
  );
}
