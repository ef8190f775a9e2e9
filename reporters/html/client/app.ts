/** What all parts of the page share: the data, the present route, and how to get to another. */
import type { PageIndex } from '../page-data.ts';
import { chosenCells } from '../view/filter.ts';
import { formatRoute, linkTo, type PageName, parseRoute, type Route, withQuery } from '../view/route.ts';

export class App {
  readonly index: PageIndex;
  /** Draws the page anew; `arrived` when somebody followed a link, rather than changed what a page shows. */
  readonly #draw: (arrived: boolean) => void;
  route: Route = parseRoute(location.hash);
  /** Indexes of the cells that the filter lets through. */
  chosen: Set<number>;

  constructor(index: PageIndex, draw: (arrived: boolean) => void) {
    this.index = index;
    this.#draw = draw;
    this.chosen = this.#choose();
    addEventListener('hashchange', () => {
      this.#take(parseRoute(location.hash));
      this.#draw(true);
    });
  }

  /** A choice on this page: the address tells it, but "back" skips it. */
  set(changes: Record<string, string>, redraw = true): void {
    this.#take(withQuery(this.route, changes));
    history.replaceState(null, '', formatRoute(this.route));
    if (redraw) this.#draw(false);
  }

  get(key: string): string {
    return this.route.query.get(key) ?? '';
  }

  linkTo(page: PageName, cell = ''): string {
    return linkTo(this.route, page, cell);
  }

  linkToCell(place: number): string {
    return this.linkTo('cell', this.index.cells[place]?.slug ?? '');
  }

  #take(route: Route): void {
    this.route = route;
    this.chosen = this.#choose();
  }

  #choose(): Set<number> {
    return chosenCells(this.index.cells, this.index.causes, this.route);
  }
}
