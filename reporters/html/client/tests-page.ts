/** Every test of the run against every cell: which tests fail, and where. */

import type { TestTable } from '../page-data.ts';
import { plural } from '../view/words.ts';
import type { App } from './app.ts';
import { readTests } from './chunks.ts';
import { el } from './dom.ts';
import { lazyList } from './lazy-list.ts';
import { type CountedTest, testRow } from './test-row.ts';

export async function testsPage(app: App): Promise<HTMLElement> {
  document.title = 'Tests';
  const table = await readTests();
  const search = el('input', {
    type: 'search',
    placeholder: 'Find a test',
    'aria-label': 'Find a test',
    value: app.get('t'),
    oninput: () => {
      app.set({ t: search.value }, false);
      show();
    },
  });
  const onlyBad = el('input', {
    type: 'checkbox',
    checked: app.get('show') !== 'all',
    onchange: () => {
      app.set({ show: onlyBad.checked ? '' : 'all' }, false);
      show();
    },
  });
  const count = el('span', { role: 'status', class: 'faint' });
  const place = el('div', {});

  function show(): void {
    const rows = fitting(app, table, search.value, onlyBad.checked);
    count.textContent = plural(rows.length, 'test');
    place.replaceChildren(
      rows.length === 0
        ? el('p', { class: 'faint' }, onlyBad.checked ? 'Every test passed in these cells.' : 'No such test.')
        : lazyList(rows, 'test', (row) => testRow(app, row)),
    );
  }

  show();
  return el(
    'section',
    { class: 'tests' },
    el('h1', {}, 'Tests'),
    el(
      'div',
      { class: 'controls' },
      search,
      el('label', {}, onlyBad, ' only those that did not pass everywhere'),
      count,
    ),
    place,
    table.leftOut > 0 &&
      el('p', { class: 'faint' }, `${plural(table.leftOut, 'further test')} are not listed here.`),
  );
}

function fitting(app: App, { rows }: TestTable, text: string, onlyBad: boolean): CountedTest[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.flatMap((row) => {
    const names = `${row.group} ${row.name}`.toLowerCase();
    if (!words.every((word) => names.includes(word))) return [];
    const counts = new Map<string, number>();
    for (const place of app.chosen) {
      const mark = row.marks[place] ?? '-';
      counts.set(mark, (counts.get(mark) ?? 0) + 1);
    }
    if (counts.get('-') === app.chosen.size) return [];
    return onlyBad && !['f', 'e', 'y'].some((mark) => counts.has(mark)) ? [] : [{ ...row, counts }];
  });
}
