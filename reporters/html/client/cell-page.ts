/** Everything about one cell: why it ended as it did first, then its phases, tests, logs and files. */
import { formatDuration } from '../../../src/results/duration.ts';
import type { CellDetail, PageCell } from '../page-data.ts';
import { busyTime, plural } from '../view/words.ts';
import type { App } from './app.ts';
import { badge } from './badge.ts';
import { attemptsSection } from './cell-attempts.ts';
import { testsSection } from './cell-tests.ts';
import { readCell } from './chunks.ts';
import { copyButton } from './copy-button.ts';
import { el, name } from './dom.ts';
import { logsSection } from './logs.ts';

export async function cellPage(app: App): Promise<HTMLElement> {
  const { cells } = app.index;
  const place = cells.findIndex(({ slug }) => slug === app.route.cell);
  const cell = cells[place];
  if (!cell) return noSuchCell(app);
  document.title = `${cell.outcome}: ${cell.id}`;
  const detail = await readCell(place);
  return el(
    'article',
    { class: 'cell' },
    headOf(app, cell, place),
    detail.caps.length > 0 && el('ul', { class: 'caps' }, ...detail.caps.map((cap) => el('li', {}, cap))),
    errorBox(detail),
    notesOf(detail),
    attemptsSection(cell, detail),
    testsSection(app, cell, detail),
    screenOf(detail),
    logsSection(app, detail),
    filesOf(detail),
  );
}

function headOf(app: App, cell: PageCell, place: number): HTMLElement {
  const { id, values, engine, snapshot, outcome, allowedToFail, reason, attempts } = cell;
  const chips = Object.entries({ ...values, engine, snapshot }).map(([axis, value]) =>
    el('li', {}, name(axis, { class: 'faint' }), ' ', name(value)),
  );
  const told = [
    reason,
    attempts.length > 0 ? `${formatDuration(busyTime(cell))} of work` : 'never started',
    attempts.length > 1 ? plural(attempts.length, 'attempt') : '',
    allowedToFail ? 'allowed to fail' : '',
  ].filter(Boolean);
  return el(
    'div',
    { class: 'cell-head' },
    el(
      'nav',
      { class: 'crumbs', 'aria-label': 'Cells' },
      el('a', { href: app.linkTo('overview') }, '← All cells'),
      neighbourLink(app, place, -1, 'Previous'),
      neighbourLink(app, place, 1, 'Next'),
    ),
    el('h1', {}, badge(outcome), ' ', name(id)),
    el('p', { class: 'told' }, name(told.join(' · '))),
    el('ul', { class: 'values', 'aria-label': 'What it ran on' }, ...chips),
  );
}

/** Among those that the filter lets through, so that one can step from failure to failure. */
function neighbourLink(app: App, place: number, step: number, text: string): HTMLElement | undefined {
  const { cells } = app.index;
  for (let at = place + step; at >= 0 && at < cells.length; at += step) {
    if (app.chosen.has(at)) {
      return el('a', { href: app.linkToCell(at), title: cells[at]?.id }, `${text} cell`);
    }
  }
  return undefined;
}

function errorBox({ error, rerun }: CellDetail): HTMLElement {
  return el(
    'div',
    { class: 'why' },
    error &&
      el(
        'section',
        { class: 'error-box', 'aria-label': 'Error' },
        el('p', {}, el('strong', {}, name(error.code)), ' ', name(error.message)),
        error.hint !== undefined && el('p', {}, el('em', {}, 'hint: '), name(error.hint)),
        error.details !== undefined && el('pre', { tabindex: 0, 'aria-label': 'Details' }, error.details),
      ),
    rerun !== '' &&
      el(
        'p',
        { class: 'rerun' },
        el('span', { class: 'faint' }, 'again: '),
        el('code', {}, rerun),
        ' ',
        copyButton(rerun),
      ),
  );
}

function notesOf({ notes }: CellDetail): HTMLElement | undefined {
  if (notes.length === 0) return undefined;
  return el(
    'ul',
    { class: 'notes', 'aria-label': 'Notes' },
    ...notes.map((note) => el('li', {}, name(note))),
  );
}

function screenOf({ screen }: CellDetail): HTMLElement | undefined {
  if (screen === undefined) return undefined;
  return el(
    'section',
    { 'aria-labelledby': 'screen' },
    el('h2', { id: 'screen' }, 'Screen'),
    el('img', { class: 'screen', src: screen, alt: 'The screen of the machine when the attempt ended' }),
  );
}

function filesOf({ files }: CellDetail): HTMLElement | undefined {
  if (files.length === 0) return undefined;
  return el(
    'section',
    { 'aria-labelledby': 'files' },
    el('h2', { id: 'files' }, 'Files'),
    el('p', { class: 'faint' }, 'In the output folder, beside this page.'),
    el(
      'ul',
      { class: 'files' },
      ...files.map((file) => el('li', {}, el('a', { href: file.href }, name(file.name)))),
    ),
  );
}

function noSuchCell(app: App): HTMLElement {
  document.title = 'No such cell';
  return el(
    'article',
    {},
    el('h1', {}, 'No such cell'),
    el('p', {}, 'This report has no cell ', el('code', {}, app.route.cell), '. '),
    el('p', {}, el('a', { href: app.linkTo('overview') }, 'All cells')),
  );
}
