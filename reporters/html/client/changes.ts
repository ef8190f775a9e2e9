/** What changed since an earlier run: a list for each kind of change, those open that hold bad news. */
import type { App } from './app.ts';
import { el, name } from './dom.ts';

export function changesSection({ index: { changes } }: App): HTMLElement | undefined {
  if (!changes) return undefined;
  const { since, sections } = changes;
  return el(
    'section',
    { 'aria-labelledby': 'changes' },
    el(
      'h2',
      { id: 'changes' },
      sections.length === 0 ? 'Nothing changed since ' : 'Changes since ',
      name(since),
    ),
    sections.length > 0 && el('div', { class: 'changes' }, ...sections.map(sectionView)),
  );
}

type Section = NonNullable<App['index']['changes']>['sections'][number];

function sectionView({ title, isBad, items, more }: Section): HTMLElement {
  return el(
    'details',
    { class: isBad ? 'change bad' : 'change', open: isBad },
    el('summary', { class: 'kind' }, title),
    el(
      'ul',
      { class: 'things' },
      ...items.map((item) => el('li', {}, name(item))),
      more > 0 &&
        el('li', { class: 'faint' }, `and ${more.toLocaleString('en')} more: results.json has them all`),
    ),
  );
}
