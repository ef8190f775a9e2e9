/** Lists the cells that share one place of the heat map. */
import type { App } from './app.ts';
import { badge } from './badge.ts';
import { el, name } from './dom.ts';

export function showCells(app: App, places: readonly number[]): void {
  const items = places.flatMap((place) => {
    const cell = app.index.cells[place];
    if (!cell) return [];
    const link = el('a', { href: app.linkToCell(place), onclick: () => dialog.close() }, name(cell.id));
    return [el('li', {}, badge(cell.outcome), ' ', link, ' ', name(cell.reason, { class: 'faint' }))];
  });
  const dialog = el(
    'dialog',
    { 'aria-labelledby': 'dialog-title', onclose: () => dialog.remove() },
    el('h2', { id: 'dialog-title' }, `${items.length} cells`),
    el('ul', { class: 'plain' }, ...items),
    el('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
  );
  document.body.append(dialog);
  dialog.showModal();
}
