/** The head of every page: what this is a report of, and the way to its parts. */
import type { PageName } from '../view/route.ts';
import type { App } from './app.ts';
import { badge } from './badge.ts';
import { el, name } from './dom.ts';
import { themeButton } from './theme.ts';

const TABS: [PageName, string][] = [
  ['overview', 'Overview'],
  ['tests', 'Tests'],
  ['timeline', 'Timeline'],
];

export interface Frame {
  header: HTMLElement;
  showPage(page: PageName): void;
}

/** @param skip moves the focus to the content. */
export function frame(app: App, skip: () => void): Frame {
  const { run } = app.index;
  const links = TABS.map(([page, text]) => ({ page, link: el('a', {}, text) }));
  const skipLink = el(
    'a',
    {
      class: 'skip',
      href: '#main',
      onclick: (event) => {
        // The part behind # is the route.
        event.preventDefault();
        skip();
      },
    },
    'Skip to the content',
  );
  const title = el(
    'a',
    { class: 'brand' },
    el('span', { class: 'mark', 'aria-hidden': 'true' }, '▦'),
    ' vmtest ',
    name(run.matrix ?? '', { class: 'matrix-name' }),
  );
  const header = el(
    'header',
    { class: 'top' },
    skipLink,
    title,
    badge(run.outcome),
    el('nav', { 'aria-label': 'Parts of the report' }, ...links.map(({ link }) => link)),
    themeButton(),
  );
  return {
    header,
    showPage(shown) {
      title.setAttribute('href', app.linkTo('overview'));
      for (const { page, link } of links) {
        link.setAttribute('href', app.linkTo(page));
        if (page === shown) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
      }
    },
  };
}
