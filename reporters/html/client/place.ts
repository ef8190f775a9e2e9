/** One place of the heat map: a link to its cell, or, when several cells share it, a button that lists them. */
import { formatDuration } from '../../../src/results/duration.ts';
import type { Outcome } from '../../../src/results/model.ts';
import type { PageCell } from '../page-data.ts';
import { clockText } from '../view/ticks.ts';
import { busyTime, OUTCOMES, plural, SIGNS } from '../view/words.ts';
import type { App } from './app.ts';
import { showCells } from './cells-dialog.ts';
import { el } from './dom.ts';
import { type HeatScale, meanTime } from './heat-scale.ts';

export function placeLink(
  app: App,
  places: readonly number[],
  scale: HeatScale,
  isRoomy: boolean,
): HTMLElement {
  const cells = places.flatMap((place) => app.index.cells[place] ?? []);
  const [only] = cells;
  const isShared = cells.length > 1;
  const worst = OUTCOMES.find((outcome) => cells.some((cell) => cell.outcome === outcome)) ?? 'passed';
  const isDim = !places.some((place) => app.chosen.has(place));
  const label = !isShared && only ? labelOf(only) : sharedLabel(cells);
  const link = el(
    isShared ? 'button' : 'a',
    {
      class: [
        'place',
        scale.classOf(cells, worst),
        isDim && 'dim',
        only?.allowedToFail && worst !== 'passed' && 'allowed',
      ]
        .filter(Boolean)
        .join(' '),
      ...(isShared
        ? { type: 'button', onclick: () => showCells(app, places) }
        : { href: app.linkToCell(places[0] ?? 0) }),
      'aria-label': label,
      title: label,
      tabindex: -1,
    },
    scale.byTime ? timeText(cells, isRoomy) : isShared ? sharedText(cells, worst) : ownText(only, isRoomy),
  );
  if (isShared && !scale.byTime) link.append(shares(cells));
  return link;
}

function labelOf(cell: PageCell): string {
  const { id, outcome, reason, allowedToFail, tests } = cell;
  const allowed = allowedToFail ? ' (allowed to fail)' : '';
  const more = reason === '' ? plural(tests.total, 'test') : reason;
  const time = cell.attempts.length > 0 ? `, ${formatDuration(busyTime(cell))}` : '';
  return `${id}: ${outcome}${allowed}, ${more}${time}`;
}

function sharedLabel(cells: readonly PageCell[]): string {
  const counts = OUTCOMES.map(
    (outcome) => [outcome, cells.filter((cell) => cell.outcome === outcome).length] as const,
  );
  const told = counts.filter(([, count]) => count > 0).map(([outcome, count]) => `${count} ${outcome}`);
  return `${plural(cells.length, 'cell')}: ${told.join(', ')}`;
}

function timeText(cells: readonly PageCell[], isRoomy: boolean): string {
  const mean = meanTime(cells);
  return isRoomy && mean !== undefined ? clockText(mean) : '';
}

/** `✗ 3/20`: how many of them ended the worst way. */
function sharedText(cells: readonly PageCell[], worst: Outcome): string {
  const count = cells.filter(({ outcome }) => outcome === worst).length;
  return `${SIGNS[worst]} ${count === cells.length ? '' : `${count}/`}${cells.length}`;
}

function ownText(cell: PageCell | undefined, isRoomy: boolean): string {
  if (!cell) return '';
  const { tests, outcome } = cell;
  const bad = tests.failed + tests.error;
  if (!isRoomy) return SIGNS[outcome];
  if (outcome === 'failed') return `${SIGNS[outcome]} ${bad}/${tests.total}`;
  return outcome === 'passed' || outcome === 'flaky' ? `${SIGNS[outcome]} ${tests.total}` : SIGNS[outcome];
}

/** How many of the cells that share a place ended how, as a thin bar. */
function shares(cells: readonly PageCell[]): HTMLElement {
  const parts = OUTCOMES.map((outcome) => {
    const part = el('span', { class: `part ${outcome}` });
    part.style.flexGrow = String(cells.filter((cell) => cell.outcome === outcome).length);
    return part;
  });
  return el('span', { class: 'shares', 'aria-hidden': 'true' }, ...parts);
}
