import type { Comparison } from '../../src/results/comparison.ts';
import { changeSections } from '../text/changes.ts';
import { inline } from './markdown.ts';

/**
 * What changed since an earlier run, as a section of the job summary.
 * @param most items told of each kind of change; 0 for their numbers alone.
 */
export function comparisonMarkdown(comparison: Comparison, most: number): string {
  const sections = changeSections(comparison, most);
  const { id, started } = comparison.baseline;
  const title = `### Since ${inline(id)} (${inline(started.slice(0, 10))})`;
  if (sections.length === 0) return `${title}\n\nNothing changed.`;
  const told = sections.map(({ title: what, isBad, items, more }) => {
    const lines = items.map((item) => `  - ${inline(item)}`);
    const rest = more > 0 && items.length > 0 ? [`  - … and ${more} more`] : [];
    return [`- ${isBad ? '**' : ''}${inline(what)}${isBad ? '**' : ''}`, ...lines, ...rest].join('\n');
  });
  return `${title}\n\n${told.join('\n')}`;
}
