/** The tests of a cell: those that did not pass first and open to be read, all others on demand. */
import type { Outcome } from '../../../src/results/model.ts';
import type { CellDetail, PageCell } from '../page-data.ts';
import { plural } from '../view/words.ts';
import type { App } from './app.ts';
import { type ListedTest, statusOf, testRow } from './cell-test-row.ts';
import { el } from './dom.ts';
import { lazyList } from './lazy-list.ts';

const ORDER: Outcome[] = ['error', 'failed', 'flaky', 'passed', 'skipped'];
/** So many failures are opened at once. */
const OPEN = 3;

export function testsSection(app: App, { tests }: PageCell, detail: CellDetail): HTMLElement | undefined {
  const all = detail.suites
    .flatMap(({ name: suite, cases }) =>
      cases.map((testCase): ListedTest => ({ group: testCase.classname ?? suite, testCase })),
    )
    .sort((a, b) => ORDER.indexOf(statusOf(a.testCase)) - ORDER.indexOf(statusOf(b.testCase)));
  if (all.length === 0 && detail.testsLeftOut === 0) return undefined;
  const search = el('input', {
    type: 'search',
    placeholder: 'Find a test',
    'aria-label': 'Find a test of this cell',
    value: app.get('test'),
    oninput: () => {
      app.set({ test: search.value }, false);
      show();
    },
  });
  const count = el('span', { role: 'status', class: 'faint' });
  const place = el('div', {});
  const rows = (some: readonly ListedTest[]) => {
    const opened = new Set(some.slice(0, OPEN));
    return lazyList(some, 'test', (one) => testRow(one, opened.has(one)));
  };

  function show(): void {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = all.filter(({ group, testCase }) => {
      const text = `${group} ${testCase.name} ${statusOf(testCase)}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    count.textContent = words.length === 0 ? '' : plural(shown.length, 'test');
    // Without a search those that are good wait behind a line of their own: logs are what people look for next.
    const bad = words.length === 0 ? shown.filter(isBad) : shown;
    const good = words.length === 0 ? shown.filter((one) => !isBad(one)) : [];
    place.replaceChildren(
      ...(bad.length > 0 ? [rows(bad)] : []),
      ...(good.length > 0 ? [folded(good, () => rows(good))] : []),
    );
  }

  show();
  return el(
    'section',
    { 'aria-labelledby': 'tests' },
    el(
      'div',
      { class: 'section-head' },
      el('h2', { id: 'tests' }, plural(tests.total, 'test')),
      all.length > 8 && el('div', { class: 'controls' }, search, count),
    ),
    place,
    detail.testsLeftOut > 0 &&
      el(
        'p',
        { class: 'faint' },
        `${plural(detail.testsLeftOut, 'test')} are not listed here; junit.xml has them.`,
      ),
  );
}

function isBad({ testCase }: ListedTest): boolean {
  return !['passed', 'skipped'].includes(statusOf(testCase));
}

/** Closed, and filled when it is opened. */
function folded(good: readonly ListedTest[], rows: () => HTMLElement): HTMLElement {
  const skipped = good.filter(({ testCase }) => testCase.status === 'skipped').length;
  const told = [
    skipped < good.length ? `${good.length - skipped} passed` : '',
    skipped > 0 ? `${skipped} skipped` : '',
  ].filter(Boolean);
  const details = el('details', { class: 'folded' }, el('summary', {}, told.join(', ')));
  details.addEventListener('toggle', () => {
    if (details.childElementCount === 1) details.append(rows());
  });
  return details;
}
