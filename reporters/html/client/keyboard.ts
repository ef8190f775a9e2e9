/** Arrow keys for what lies in rows: one of all is reached by Tab, the others from there. */

/** @param selector of what is walked over, within table rows or elements with `data-row`. */
export function walkable(container: HTMLElement, selector: string): void {
  const first =
    container.querySelector<HTMLElement>(`${selector}:not(.dim)`) ?? container.querySelector(selector);
  first?.setAttribute('tabindex', '0');
  container.addEventListener('keydown', (event) => {
    const from = (event.target as HTMLElement).closest<HTMLElement>(selector);
    const to = from && neighbour(container, selector, from, event);
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
  container.addEventListener('focusin', ({ target }) => {
    const now = (target as HTMLElement).closest(selector);
    if (!now) return;
    container.querySelector(`${selector}[tabindex="0"]`)?.setAttribute('tabindex', '-1');
    now.setAttribute('tabindex', '0');
  });
}

function neighbour(
  container: HTMLElement,
  selector: string,
  from: HTMLElement,
  { key, ctrlKey }: KeyboardEvent,
): HTMLElement | undefined {
  const row = from.closest('tr, [data-row]');
  const inRow = all(row, selector);
  switch (key) {
    case 'ArrowRight':
      return inRow[inRow.indexOf(from) + 1];
    case 'ArrowLeft':
      return inRow[inRow.indexOf(from) - 1];
    case 'Home':
      return ctrlKey ? all(container, selector)[0] : inRow[0];
    case 'End':
      return ctrlKey ? all(container, selector).at(-1) : inRow.at(-1);
    case 'ArrowDown':
    case 'ArrowUp': {
      const rows = all(container, 'tr, [data-row]').filter((one) => one.querySelector(selector));
      const next = rows[rows.indexOf(row as HTMLElement) + (key === 'ArrowDown' ? 1 : -1)];
      return nearest(all(next, selector), from);
    }
    default:
      return undefined;
  }
}

/** By where they stand: rows have gaps, and bars any length. */
function nearest(candidates: readonly HTMLElement[], from: HTMLElement): HTMLElement | undefined {
  const middle = ({ left, right }: DOMRect) => (left + right) / 2;
  const wanted = middle(from.getBoundingClientRect());
  const distance = (one: HTMLElement) => Math.abs(middle(one.getBoundingClientRect()) - wanted);
  return candidates.toSorted((a, b) => distance(a) - distance(b))[0];
}

function all(parent: Element | null | undefined, selector: string): HTMLElement[] {
  return parent ? [...parent.querySelectorAll<HTMLElement>(selector)] : [];
}
