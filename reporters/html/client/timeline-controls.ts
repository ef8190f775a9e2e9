/** What can be chosen of the time line: its rows, its zoom, and whether the longest chain is pointed out. */
import type { App } from './app.ts';
import { el } from './dom.ts';

const ZOOMS = [1, 2, 4, 8, 16, 32];

export function timelineControls(app: App, zoom: number): HTMLElement[] {
  const by = el(
    'select',
    { onchange: () => app.set({ by: by.value }) },
    el('option', { value: '' }, 'places on the engines'),
    el('option', { value: 'cells', selected: app.get('by') === 'cells' }, 'cells, with their waiting'),
  );
  const chain = el('input', {
    type: 'checkbox',
    checked: app.get('chain') !== '',
    onchange: () => app.set({ chain: chain.checked ? '1' : '' }),
  });
  const step = (by: number) => {
    const next = ZOOMS[ZOOMS.indexOf(zoom) + by];
    return next === undefined ? undefined : () => app.set({ zoom: next === 1 ? '' : String(next) });
  };
  const zoomButton = (label: string, text: string, action: (() => void) | undefined) =>
    el('button', { type: 'button', 'aria-label': label, onclick: action, disabled: !action }, text);
  return [
    el('label', {}, 'rows: ', by),
    el(
      'span',
      { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
      zoomButton('Zoom out', '−', step(-1)),
      el('span', {}, `${zoom}×`),
      zoomButton('Zoom in', '+', step(1)),
    ),
    el('label', {}, chain, ' what the end waited for'),
  ];
}
