/**
 * Which cells somebody wants to see. Words are looked for in a cell's id, outcome and reason; `node=22` asks for an axis
 * (`*` stands for anything); `-` before either turns it round. All words have to fit.
 */
import type { PageCause, PageCell } from '../page-data.ts';
import type { Route } from './route.ts';

/** @returns the indexes of the cells that fit. */
export function chosenCells(
  cells: readonly PageCell[],
  causes: readonly PageCause[],
  { query }: Pick<Route, 'query'>,
): Set<number> {
  const words = wordsOf(query.get('q') ?? '').map(wordTest);
  const outcomes = listOf(query.get('outcome'));
  const cause = query.get('cause') || undefined;
  const struck = cause && causes[Number(cause)] && new Set(causes[Number(cause)]?.cells);
  const fits = (cell: PageCell, index: number) =>
    (outcomes.size === 0 || outcomes.has(cell.outcome)) &&
    (!struck || struck.has(index)) &&
    words.every((test) => test(cell));
  return new Set(cells.flatMap((cell, index) => (fits(cell, index) ? [index] : [])));
}

export function listOf(text = ''): Set<string> {
  return new Set(text.split(',').filter(Boolean));
}

/** Split at blanks; `"two words"` are one. */
function wordsOf(text: string): string[] {
  return Array.from(text.matchAll(/-?"[^"]*"?|\S+/g), ([word]) => word.replaceAll('"', '')).filter(Boolean);
}

function wordTest(word: string): (cell: PageCell) => boolean {
  if (word.startsWith('-') && word.length > 1) {
    const inverse = wordTest(word.slice(1));
    return (cell) => !inverse(cell);
  }
  const [, axis = '', wanted = ''] = /^([^=:]+)[=:](.+)$/.exec(word) ?? [];
  const pattern = globOf(wanted);
  const part = word.toLowerCase();
  return (cell) => {
    if (axis !== '' && Object.hasOwn(cell.values, axis)) return pattern.test(cell.values[axis] ?? '');
    return `${cell.id} ${cell.outcome} ${cell.reason}`.toLowerCase().includes(part);
  };
}

function globOf(text: string): RegExp {
  const pattern = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\\*', '.*');
  return new RegExp(`^${pattern}$`, 'i');
}
