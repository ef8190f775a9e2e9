/** One test of the run: where it failed as a strip over all cells, and those cells by name when it is opened. */
import { formatDuration } from '../../../src/results/duration.ts';
import type { TestRow } from '../page-data.ts';
import { MARKED, OUTCOMES, plural, SIGNS } from '../view/words.ts';
import type { App } from './app.ts';
import { el, name, svg } from './dom.ts';

const CELLS = 60;

export interface CountedTest extends TestRow {
  /** Mark → number of chosen cells. */
  counts: Map<string, number>;
}

export function testRow(app: App, row: CountedTest): HTMLElement {
  const told = OUTCOMES.flatMap((outcome) => {
    const mark = Object.keys(MARKED).find((letter) => MARKED[letter] === outcome);
    const count = mark === undefined ? undefined : row.counts.get(mark);
    return count === undefined
      ? []
      : [
          el(
            'span',
            { class: `count-of ${outcome}` },
            `${SIGNS[outcome]} ${count}`,
            el('span', { class: 'spoken' }, ` ${outcome}`),
          ),
        ];
  });
  const details = el(
    'details',
    { class: 'test' },
    el(
      'summary',
      {},
      el(
        'span',
        { class: 'told' },
        name(row.name, { class: 'test-name' }),
        ' ',
        name(row.group, { class: 'faint' }),
      ),
      strip(app, row),
      el('span', { class: 'counts' }, ...told),
      el('span', { class: 'time', title: 'the longest' }, row.slowest >= 1 ? timeText(row.slowest) : ''),
    ),
  );
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) details.append(...whereabouts(app, row));
  });
  return details;
}

/** A stripe a cell, in the order of the matrix; neighbours that ended alike are one. */
function strip(app: App, { marks }: TestRow): SVGElement {
  const letters = [...app.chosen].map((place) => marks[place] ?? '-');
  const runs: { mark: string; start: number; length: number }[] = [];
  letters.forEach((mark, start) => {
    const last = runs.at(-1);
    if (last?.mark === mark) last.length += 1;
    else runs.push({ mark, start, length: 1 });
  });
  return svg(
    'svg',
    {
      class: 'strip',
      viewBox: `0 0 ${Math.max(1, letters.length)} 1`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    ...runs.map(({ mark, start, length }) =>
      svg('rect', { x: start, width: length, height: 1, class: `fill ${MARKED[mark] ?? 'absent'}` }),
    ),
  );
}

function whereabouts(app: App, { marks }: TestRow): HTMLElement[] {
  return (['f', 'e', 'y', 's', 'p'] as const).flatMap((mark) => {
    const places = [...app.chosen].filter((place) => marks[place] === mark);
    if (places.length === 0) return [];
    const links = places
      .slice(0, CELLS)
      .map((place) =>
        el('li', {}, el('a', { href: app.linkToCell(place) }, name(app.index.cells[place]?.id ?? ''))),
      );
    const more = places.length - links.length;
    return [
      el(
        'div',
        { class: 'cells-of' },
        el('h3', {}, `${MARKED[mark]} in ${plural(places.length, 'cell')}`),
        el('ul', {}, ...links, more > 0 && el('li', {}, `and ${plural(more, 'more cell')}`)),
      ),
    ];
  });
}

function timeText(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : formatDuration(ms);
}
