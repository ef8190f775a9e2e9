/** Collects what is wrong with a document over all steps, so that everything is said at once. */
import type { MatrixDocument } from './load.ts';
import type { Problem } from './model.ts';
import { isWithin, type Path, pathKey } from './place.ts';
import { inFileOrder } from './problems.ts';
import type { Hint, Issue } from './schema-check.ts';

/** More than anybody reads; each costs a search in the document. */
const MOST_ISSUES = 500;

export class Report {
  readonly #issues: Issue[] = [];
  readonly #places = new Set<string>();

  add(...issues: readonly Issue[]): void {
    for (const issue of issues) {
      if (this.#issues.length >= MOST_ISSUES) return;
      this.#issues.push(issue);
      this.#places.add(pathKey(issue.path));
    }
  }

  /** For later steps: nothing more about a place where something is wrong already. */
  addUnlessKnown(...issues: readonly Issue[]): void {
    this.add(...issues.filter(({ path }) => !this.#places.has(pathKey(path))));
  }

  get isEmpty(): boolean {
    return this.#issues.length === 0;
  }

  /** Nothing is wrong at this path or below it, so that later steps may rely on its shape. */
  isSound(path: Path): boolean {
    return !this.#issues.some((issue) => isWithin(issue.path, path));
  }

  /** In file order, with `mask` over all words. */
  problems(document: MatrixDocument, mask: (text: string) => string): Problem[] {
    return inFileOrder(
      this.#issues.map(({ path, message, hint, at }) =>
        document.problem(path, mask(message), {
          ...maskedHint(hint, mask),
          ...(at === undefined ? {} : { at }),
        }),
      ),
    );
  }
}

function maskedHint(hint: Hint, mask: (text: string) => string): { hint?: string } {
  const words = typeof hint === 'function' ? hint() : hint;
  return words === undefined ? {} : { hint: mask(words) };
}
