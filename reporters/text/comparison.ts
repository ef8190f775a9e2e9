import type { Comparison } from '../../src/results/comparison.ts';
import { changeSections } from './changes.ts';
import { type Line, paint } from './line.ts';

const ITEMS = 10;

/** What changed since an earlier run, for people. */
export function comparisonLines(comparison: Comparison): Line[] {
  const sections = changeSections(comparison, ITEMS);
  const { id, started } = comparison.baseline;
  const since = `since ${id} (${started.slice(0, 10)})`;
  if (sections.length === 0) return [[paint('bold', `nothing changed ${since}`)]];
  return [
    [paint('bold', `changes ${since}`)],
    ...sections.flatMap(({ title, isBad, items, more }): Line[] => [
      ['  ', paint(isBad ? 'red' : 'green', title)],
      ...items.map((item) => `    ${item}`),
      ...(more > 0 ? [`    … and ${more} more: results.json has them all`] : []),
    ]),
  ];
}
