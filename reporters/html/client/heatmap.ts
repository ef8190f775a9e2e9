/** The matrix as a heat map, in a real table: rows and columns are announced, arrow keys walk from cell to cell. */

import { listOf } from '../view/filter.ts';
import { type Grid, gridOf, headingRuns, type Layout, usualLayout } from '../view/grid.ts';
import type { App } from './app.ts';
import { el, name, spoken } from './dom.ts';
import { heatScale, legend } from './heat-scale.ts';
import { walkable } from './keyboard.ts';
import { placeLink } from './place.ts';

/** Wider tables have squares without figures, then small ones. */
const ROOMY = 10;
const MEDIUM = 20;

export function heatmapSection(app: App): HTMLElement {
  const { axes, cells } = app.index;
  const layout = layoutOf(app);
  const grid = gridOf(cells, layout);
  const scale = heatScale(app);
  const table = heatTable(app, grid, scale);
  return el(
    'section',
    { 'aria-labelledby': 'matrix' },
    el(
      'div',
      { class: 'section-head' },
      el('h2', { id: 'matrix' }, 'Matrix'),
      el(
        'div',
        { class: 'controls' },
        ...(axes.length > 1 ? axes.map((axis) => axisControl(app, layout, axis)) : []),
        colourControl(app),
      ),
    ),
    legend(app, scale),
    el('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Matrix, scrolls' }, table),
  );
}

function layoutOf(app: App): Layout {
  const { axes, cells } = app.index;
  if (!app.route.query.has('rows')) return usualLayout(cells, axes);
  const known = (key: string) => [...listOf(app.get(key))].filter((axis) => axes.includes(axis));
  const rows = known('rows');
  return { rows, columns: known('cols').filter((axis) => !rows.includes(axis)) };
}

/** Where one axis goes. */
function axisControl(app: App, { rows, columns }: Layout, axis: string): HTMLElement {
  const now = rows.includes(axis) ? 'rows' : columns.includes(axis) ? 'columns' : 'fold';
  const select = el(
    'select',
    {
      onchange: () => {
        const others = (list: string[]) => list.filter((one) => one !== axis);
        const into = (place: string, list: string[]) =>
          (select.value === place ? [...others(list), axis] : others(list)).join(',');
        // A comma keeps "no rows" apart from "as usual".
        app.set({ rows: into('rows', rows) || ',', cols: into('columns', columns) });
        document.querySelector<HTMLElement>(`select[data-axis="${CSS.escape(axis)}"]`)?.focus();
      },
      'data-axis': axis,
    },
    ...[
      ['rows', 'rows ↓'],
      ['columns', 'columns →'],
      ['fold', 'folded'],
    ].map(([value, text]) => el('option', { value, selected: value === now }, text)),
  );
  return el('label', {}, name(axis), ' ', select);
}

function colourControl(app: App): HTMLElement {
  const select = el(
    'select',
    { onchange: () => app.set({ by: select.value }) },
    el('option', { value: '' }, 'outcome'),
    el('option', { value: 'time', selected: app.get('by') === 'time' }, 'time'),
  );
  return el('label', {}, 'colour by ', select);
}

function heatTable(app: App, grid: Grid, scale: ReturnType<typeof heatScale>): HTMLElement {
  const isRoomy = grid.across.length <= ROOMY;
  const size = isRoomy ? 'roomy' : grid.across.length <= MEDIUM ? 'medium' : 'small';
  const lines = grid.lines.map(({ values, places }, row) =>
    el(
      'tr',
      {},
      ...rowHeadings(grid, values, row),
      ...places.map((cells) =>
        el('td', {}, cells.length > 0 ? placeLink(app, cells, scale, isRoomy) : spoken('no such cell')),
      ),
    ),
  );
  const table = el(
    'table',
    { class: `heat ${size}` },
    el('caption', { class: 'spoken' }, 'Outcome of every cell. Arrow keys move between cells.'),
    el('thead', {}, ...columnHeadings(grid)),
    el('tbody', {}, ...lines),
  );
  walkable(table, '.place');
  return table;
}

/** A row of headings for each axis across; the axes down are named in the last of them. */
function columnHeadings({ rows, columns, across }: Grid): HTMLElement[] {
  const levels = columns.length === 0 ? [undefined] : columns;
  return levels.map((axis, level) => {
    const isLast = level === levels.length - 1;
    const corner = rows.map((down, place) =>
      el(
        isLast ? 'th' : 'td',
        { class: 'axis', scope: isLast && 'col' },
        isLast && name(down),
        place === rows.length - 1 && axis !== undefined && el('span', { class: 'across' }, name(axis), ' →'),
      ),
    );
    const values = headingRuns(across, level).map(({ value, span }) =>
      el('th', { scope: span > 1 ? 'colgroup' : 'col', colspan: span }, name(value, { title: value })),
    );
    return el(
      'tr',
      {},
      ...corner,
      ...(axis === undefined ? [el('th', { scope: 'col' }, spoken('cells'))] : values),
    );
  });
}

/** A value that repeats the one above is spoken, but not shown again. */
function rowHeadings({ lines }: Grid, values: readonly string[], row: number): HTMLElement[] {
  const above = lines[row - 1]?.values;
  let same = above !== undefined;
  return values.map((value, place) => {
    same &&= above?.[place] === value;
    return el('th', { scope: 'row', class: same ? 'same' : undefined }, el('bdi', { title: value }, value));
  });
}
