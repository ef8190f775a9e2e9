/** The logs of a cell, one at a time, with a search that marks and counts. */
import type { CellDetail, PageText } from '../page-data.ts';
import { findAll } from '../view/find.ts';
import { sizeText } from '../view/words.ts';
import type { App } from './app.ts';
import { el, name } from './dom.ts';

export function logsSection(app: App, { logs }: CellDetail): HTMLElement | undefined {
  if (logs.length === 0) return undefined;
  const place = el('div', {});
  const buttons = logs.map((log, index) =>
    el('button', { type: 'button', class: 'tab', onclick: () => choose(index) }, name(log.name)),
  );

  function choose(index: number, redraw = true): void {
    const log = logs[index];
    if (!log) return;
    buttons.forEach((button, at) => {
      button.setAttribute('aria-pressed', String(at === index));
    });
    place.replaceChildren(logView(app, log));
    if (redraw) app.set({ log: log.name }, false);
  }

  const wanted = logs.findIndex((log) => log.name === app.get('log'));
  choose(Math.max(0, wanted), false);
  return el(
    'section',
    { 'aria-labelledby': 'logs', class: 'logs' },
    el('h2', { id: 'logs' }, 'Logs'),
    el('div', { class: 'tabs', role: 'group', 'aria-label': 'Logs' }, ...buttons),
    place,
  );
}

function logView(app: App, log: PageText): HTMLElement {
  const pre = el('pre', { class: 'log', tabindex: 0, 'aria-label': log.name }, log.text);
  const count = el('span', { role: 'status', class: 'faint' });
  let marks: HTMLElement[] = [];
  let at = 0;
  const search = el('input', {
    type: 'search',
    placeholder: 'Find in this log',
    'aria-label': `Find in ${log.name}`,
    value: app.get('find'),
    oninput: () => {
      app.set({ find: search.value }, false);
      mark();
    },
    onkeydown: (event) => {
      const { key, shiftKey } = event as KeyboardEvent;
      if (key === 'Enter') go(shiftKey ? -1 : 1);
    },
  });

  function mark(): void {
    const found = findAll(log.text, search.value);
    const [content, made] = marked(log.text, found, search.value.length);
    pre.replaceChildren(...content);
    marks = made;
    at = 0;
    go(0);
  }

  function go(step: number): void {
    marks[at]?.classList.remove('now');
    at = marks.length === 0 ? 0 : (at + step + marks.length) % marks.length;
    const now = marks[at];
    now?.classList.add('now');
    if (now) pre.scrollTop = now.offsetTop - pre.offsetTop - pre.clientHeight / 2;
    count.textContent =
      search.value === '' ? '' : marks.length === 0 ? 'not found' : `${at + 1} of ${marks.length}`;
  }

  const wrap = el('input', {
    type: 'checkbox',
    checked: true,
    onchange: () => pre.classList.toggle('nowrap', !wrap.checked),
  });
  if (search.value !== '') requestAnimationFrame(mark);
  return el(
    'div',
    {},
    el(
      'div',
      { class: 'controls' },
      search,
      el('button', { type: 'button', 'aria-label': 'Previous match', onclick: () => go(-1) }, '↑'),
      el('button', { type: 'button', 'aria-label': 'Next match', onclick: () => go(1) }, '↓'),
      count,
      el('label', {}, wrap, ' wrap lines'),
      el('span', { class: 'faint' }, sizeText(log.size), log.cut && ', cut in the middle: all of it in '),
      log.href !== undefined && el('a', { href: log.href }, 'the file'),
    ),
    pre,
  );
}

function marked(text: string, found: readonly number[], length: number): [(string | Node)[], HTMLElement[]] {
  const marks: HTMLElement[] = [];
  const content: (string | Node)[] = [];
  let done = 0;
  for (const start of found) {
    const mark = el('mark', {}, text.slice(start, start + length));
    content.push(text.slice(done, start), mark);
    marks.push(mark);
    done = start + length;
  }
  content.push(text.slice(done));
  return [content, marks];
}
