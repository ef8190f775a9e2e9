/** Starts the page: a frame that stays, and the part of it that the address names. */
import './style/page.css';
import { App } from './app.ts';
import { cellPage } from './cell-page.ts';
import { readIndex } from './chunks.ts';
import { el } from './dom.ts';
import { filterBar } from './filter-bar.ts';
import { frame } from './frame.ts';
import { overviewPage } from './overview.ts';
import { testsPage } from './tests-page.ts';
import { restoreTheme } from './theme.ts';
import { timelinePage } from './timeline-page.ts';

const PAGES = { overview: overviewPage, tests: testsPage, timeline: timelinePage, cell: cellPage };

restoreTheme();
const app = new App(readIndex(), draw);
const main = el('main', { id: 'main', tabindex: -1 });
const { header, showPage } = frame(app, () => main.focus());
const bar = filterBar(app);
document.getElementById('app')?.append(header, bar.element, main);
await draw(false);
performance.mark('vmtest:interactive');

/** A page may unpack data first; one that comes too late is thrown away. */
async function draw(arrived: boolean): Promise<void> {
  const { route } = app;
  showPage(route.page);
  bar.update(route.page !== 'cell');
  const content = PAGES[route.page](app);
  const shown = content instanceof Promise ? await content : content;
  if (app.route !== route) return;
  main.replaceChildren(shown);
  if (!arrived) return;
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}
