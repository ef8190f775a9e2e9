/** A list of any length: what is far away is made when somebody comes near, or asks for it. */
import { plural } from '../view/words.ts';
import { el } from './dom.ts';

const BATCH = 100;

/** @param what one of them, for the button: `test`. */
export function lazyList<T>(items: readonly T[], what: string, view: (item: T) => HTMLElement): HTMLElement {
  const list = el('div', { class: 'lazy' });
  const more = el('button', { type: 'button', class: 'more', onclick: () => add() });
  const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting && add(), {
    rootMargin: '600px',
  });
  let shown = 0;

  function add(): void {
    const batch = items.slice(shown, shown + BATCH);
    shown += batch.length;
    more.before(...batch.map(view));
    const left = items.length - shown;
    if (left === 0) {
      watcher.disconnect();
      more.remove();
    } else {
      more.textContent = `Show ${plural(Math.min(BATCH, left), `more ${what}`)} of ${left.toLocaleString('en')}`;
    }
  }

  list.append(more);
  add();
  if (shown < items.length) watcher.observe(more);
  return list;
}
