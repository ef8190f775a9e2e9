/** The first page: how it went, what went wrong, and the matrix. */
import { formatDuration } from '../../../src/results/duration.ts';
import { OUTCOMES, plural, SIGNS } from '../view/words.ts';
import type { App } from './app.ts';
import { causesSection } from './causes.ts';
import { changesSection } from './changes.ts';
import { el, name } from './dom.ts';
import { heatmapSection } from './heatmap.ts';

export function overviewPage(app: App): HTMLElement {
  document.title = `${app.index.run.outcome}: ${app.index.run.matrix ?? 'vmtest'}`;
  return el(
    'div',
    { class: 'overview' },
    summarySection(app),
    changesSection(app),
    causesSection(app),
    heatmapSection(app),
  );
}

function summarySection({ index: { run, summary, caps } }: App): HTMLElement {
  const { cells, tests } = summary;
  const bad = tests.failed + tests.error;
  return el(
    'section',
    { class: 'summary', 'aria-label': 'Summary' },
    el('h1', {}, headline(cells)),
    outcomeBar(cells),
    el(
      'dl',
      { class: 'facts' },
      ...fact(
        'Tests',
        `${tests.total.toLocaleString('en')}${bad > 0 ? `, ${bad.toLocaleString('en')} failed` : ''}`,
      ),
      ...fact('Took', formatDuration(Date.parse(run.finished) - Date.parse(run.started))),
      ...fact(
        'Started',
        new Date(run.started).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' }),
      ),
      ...fact('Host', `${run.host.name}, ${run.host.os} ${run.host.arch}, ${plural(run.host.cpus, 'CPU')}`),
      ...fact('Run', `${run.id}, seed ${run.seed}${run.shard === undefined ? '' : `, shard ${run.shard}`}`),
    ),
    caps.length > 0 && el('ul', { class: 'caps' }, ...caps.map((cap) => el('li', {}, cap))),
  );
}

type Counts = App['index']['summary']['cells'];

function headline(cells: Counts): string {
  const good = cells.passed + cells.flaky;
  if (good === cells.total)
    return `${cells.total === 1 ? 'The cell' : `All ${plural(cells.total, 'cell')}`} passed`;
  const parts = [
    [cells.failed, 'failed'],
    [cells.error, 'could not be run'],
    [cells.cancelled, 'cancelled'],
    [cells.skipped, 'skipped'],
  ] as const;
  const told = parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count.toLocaleString('en')} ${what}`);
  return `Of ${plural(cells.total, 'cell')}, ${told.join(', ')}`;
}

function outcomeBar(cells: Counts): HTMLElement {
  const present = OUTCOMES.filter((outcome) => cells[outcome] > 0);
  const label = present.map((outcome) => `${cells[outcome]} ${outcome}`).join(', ');
  const parts = present.map((outcome) => {
    const part = el(
      'span',
      { class: `part ${outcome}`, title: `${cells[outcome]} ${outcome}` },
      `${SIGNS[outcome]} ${cells[outcome].toLocaleString('en')}`,
    );
    part.style.flexGrow = String(cells[outcome]);
    return part;
  });
  return el('div', { class: 'outcome-bar', role: 'img', 'aria-label': label }, ...parts);
}

function fact(term: string, text: string): HTMLElement[] {
  return [el('div', {}, el('dt', {}, term), el('dd', {}, name(text)))];
}
