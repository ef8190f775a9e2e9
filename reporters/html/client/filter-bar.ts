/** The choice of cells, the same on all pages: a search field, and a button for each outcome that occurs. */
import { listOf } from '../view/filter.ts';
import { OUTCOMES, plural, SIGNS } from '../view/words.ts';
import type { App } from './app.ts';
import { el } from './dom.ts';

/** Drawing so many cells anew takes longer than the next key: then it waits for a pause (milliseconds). */
const MANY = 1_000;
const PAUSE = 200;

export interface FilterBar {
  element: HTMLElement;
  /** Brings it in line with the route. */
  update(shown: boolean): void;
}

export function filterBar(app: App): FilterBar {
  const { cells, summary } = app.index;
  let pause: ReturnType<typeof setTimeout> | undefined;
  const search = el('input', {
    type: 'search',
    id: 'filter',
    placeholder: `Filter cells: debian  ${exampleOf(app)}  -windows`,
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: () => {
      clearTimeout(pause);
      pause = setTimeout(() => app.set({ q: search.value }), cells.length > MANY ? PAUSE : 0);
    },
  });
  const buttons = OUTCOMES.filter((outcome) => summary.cells[outcome] > 0).map((outcome) => {
    const button = el(
      'button',
      { type: 'button', class: `chip ${outcome}`, onclick: () => toggle(outcome) },
      el('span', { 'aria-hidden': 'true' }, `${SIGNS[outcome]} `),
      `${outcome} ${summary.cells[outcome].toLocaleString('en')}`,
    );
    return { outcome, button };
  });
  const count = el('span', { role: 'status', class: 'count' });
  const clear = el(
    'button',
    { type: 'button', class: 'quiet', onclick: () => app.set({ q: '', outcome: '', cause: '' }) },
    'Show all',
  );
  const cause = el('span', { class: 'chip-note' }, 'cells of one cause');
  const element = el(
    'search',
    { class: 'filter', 'aria-label': 'Filter the cells' },
    el('label', { for: 'filter', class: 'spoken' }, 'Filter cells by words, axis=value, or -word'),
    search,
    el(
      'div',
      { class: 'chips', role: 'group', 'aria-label': 'Outcomes' },
      ...buttons.map(({ button }) => button),
    ),
    cause,
    count,
    clear,
  );

  function toggle(outcome: string): void {
    const wanted = listOf(app.get('outcome'));
    if (!wanted.delete(outcome)) wanted.add(outcome);
    app.set({ outcome: [...wanted].join(',') });
  }

  return {
    element,
    update(shown) {
      element.hidden = !shown;
      if (search.value !== app.get('q')) search.value = app.get('q');
      const wanted = listOf(app.get('outcome'));
      for (const { outcome, button } of buttons)
        button.setAttribute('aria-pressed', String(wanted.has(outcome)));
      const isFiltered = app.chosen.size < cells.length || app.get('q') !== '' || wanted.size > 0;
      cause.hidden = app.get('cause') === '';
      count.textContent = isFiltered
        ? `${app.chosen.size.toLocaleString('en')} of ${plural(cells.length, 'cell')}`
        : plural(cells.length, 'cell');
      clear.hidden = !isFiltered && cause.hidden;
    },
  };
}

function exampleOf({ index: { axes, cells } }: App): string {
  const axis = axes[1];
  const value = axis === undefined ? undefined : cells[0]?.values[axis];
  return value === undefined ? '' : `${axis}=${value}`;
}
