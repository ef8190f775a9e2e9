/** Where in the report somebody is, as the part of the address behind `#`: links to any view of it can be sent around. */

export type PageName = 'overview' | 'tests' | 'timeline' | 'cell';

export interface Route {
  page: PageName;
  /** Slug, on the page of a cell. */
  cell: string;
  query: ReadonlyMap<string, string>;
}

const PAGES = new Set<string>(['overview', 'tests', 'timeline', 'cell'] satisfies PageName[]);

/** What is no route is the overview. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = splitOnce(hash.replace(/^#?\/?/, ''), '?');
  const [page = '', cell = ''] = splitOnce(path, '/');
  return {
    page: PAGES.has(page) ? (page as PageName) : 'overview',
    cell: page === 'cell' ? decoded(cell) : '',
    query: new Map(new URLSearchParams(query)),
  };
}

/** Empty values are left out. */
export function formatRoute({ page, cell, query }: Route): string {
  const parts = new URLSearchParams([...query].filter(([, value]) => value !== ''));
  const path = page === 'cell' ? `cell/${encodeURIComponent(cell)}` : page;
  return `#/${path}${parts.size === 0 ? '' : `?${parts}`}`;
}

/** What holds on every page: which cells somebody looks at. */
const EVERYWHERE = ['q', 'outcome', 'cause'];

/** A link to another page that keeps the choice of cells. */
export function linkTo(from: Route, page: PageName, cell = ''): string {
  const query = new Map([...from.query].filter(([key]) => EVERYWHERE.includes(key)));
  return formatRoute({ page, cell, query });
}

export function withQuery(route: Route, changes: Record<string, string>): Route {
  return { ...route, query: new Map([...route.query, ...Object.entries(changes)]) };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
