/** What went wrong, by cause: the same tests with the same messages in the same cells, and what those have in common. */
import type { PageCause, PageSymptom } from '../page-data.ts';
import { plural, SIGNS } from '../view/words.ts';
import type { App } from './app.ts';
import { el, name } from './dom.ts';

/** Further ones are shown on demand. */
const AT_ONCE = 5;
const CELLS = 40;

export function causesSection(app: App): HTMLElement | undefined {
  const { causes, causesLeftOut } = app.index;
  const shown = causes
    .map((cause, number) => ({ cause, number }))
    .filter(({ cause, number }) => isChosen(app, cause, number));
  if (causes.length === 0) return undefined;
  const list = el('div', { class: 'causes' }, ...shown.slice(0, AT_ONCE).map((one) => causeCard(app, one)));
  const rest = shown.slice(AT_ONCE);
  const more = el(
    'button',
    {
      type: 'button',
      onclick: () => {
        const cards = rest.map((one) => causeCard(app, one));
        list.append(...cards);
        more.remove();
        cards[0]?.querySelector('summary')?.focus();
      },
    },
    `Show ${plural(rest.length, 'more cause')}`,
  );
  return el(
    'section',
    { 'aria-labelledby': 'causes' },
    el('h2', { id: 'causes' }, 'What went wrong'),
    list,
    rest.length > 0 && more,
    shown.length === 0 && el('p', { class: 'faint' }, 'Nothing, in the cells that the filter lets through.'),
    causesLeftOut > 0 &&
      el('p', { class: 'faint' }, `${plural(causesLeftOut, 'less widespread cause')} are not listed.`),
  );
}

/** Also when its cells are beyond those that the page shows. */
function isChosen(app: App, cause: PageCause, number: number): boolean {
  if (app.get('cause') === String(number) || app.chosen.size === app.index.cells.length) return true;
  return cause.cells.some((cell) => app.chosen.has(cell));
}

function causeCard(app: App, { cause, number }: { cause: PageCause; number: number }): HTMLElement {
  const { kind, symptoms, symptomCount, cellCount } = cause;
  const first = symptoms[0];
  const details = el(
    'details',
    { class: `cause ${kind}` },
    el(
      'summary',
      {},
      el('span', { class: `sign ${kind}`, 'aria-hidden': 'true' }, SIGNS[kind]),
      el(
        'span',
        { class: 'told' },
        el('strong', {}, ...whatOf(cause)),
        ' ',
        ...whereOf(cause, app),
        el('span', { class: 'message' }, name(first?.message ?? '')),
      ),
      el('span', { class: 'struck' }, plural(cellCount, 'cell')),
    ),
  );
  details.addEventListener('toggle', () => {
    if (!details.open || details.childElementCount > 1) return;
    details.append(
      ...symptoms.map((symptom) => symptomView(symptom)),
      ...(symptomCount > symptoms.length
        ? [el('p', { class: 'faint' }, `and ${plural(symptomCount - symptoms.length, 'more test')}`)]
        : []),
      cellList(app, cause, number),
    );
  });
  return details;
}

function whatOf({ kind, symptoms, symptomCount }: PageCause): (Node | string)[] {
  const title = name(symptoms[0]?.title ?? '');
  if (kind === 'error') return ['Error in ', title, symptoms[0]?.type ? `: ${symptoms[0].type}` : ''];
  if (symptomCount > 1)
    return [kind === 'flaky' ? `${symptomCount} flaky tests` : `The same ${symptomCount} tests fail`];
  return [title];
}

function whereOf({ conditions, spared, cellCount }: PageCause, { index }: App): (Node | string)[] {
  if (conditions.length > 0) {
    const parts = conditions.flatMap((condition, place) => [
      place > 0 ? ' and ' : '',
      name(condition, { class: 'condition' }),
    ]);
    const but = spared > 0 ? [` (but ${plural(spared, 'such cell')} passed)`] : [];
    return [spared > 0 ? 'mostly where ' : 'wherever ', ...parts, ...but];
  }
  if (cellCount === 1) return ['in one cell'];
  if (spared === 0)
    return [cellCount === index.summary.cells.total ? 'in every cell' : 'in every cell that ran it'];
  return [`in ${plural(cellCount, 'cell')} with nothing in common`];
}

function symptomView({ title, place, type, message, text, recent }: PageSymptom): HTMLElement {
  return el(
    'div',
    { class: 'symptom' },
    el('h3', {}, name(title), ' ', place !== '' && el('span', { class: 'place' }, name(place))),
    el(
      'p',
      { class: 'message' },
      type !== '' && el('span', { class: 'type' }, name(type), ' '),
      name(message),
    ),
    recent !== '' && el('p', { class: 'faint' }, recent),
    text !== '' && el('pre', { tabindex: 0, 'aria-label': 'Details' }, text),
  );
}

function cellList(app: App, { cells, cellCount }: PageCause, number: number): HTMLElement {
  const links = cells
    .slice(0, CELLS)
    .map((place) =>
      el('li', {}, el('a', { href: app.linkToCell(place) }, name(app.index.cells[place]?.id ?? ''))),
    );
  const more = cellCount - links.length;
  return el(
    'div',
    { class: 'cells-of' },
    el('ul', {}, ...links, more > 0 && el('li', {}, `and ${plural(more, 'more cell')}`)),
    el(
      'button',
      { type: 'button', onclick: () => app.set({ cause: String(number) }) },
      'Show only these cells',
    ),
  );
}
