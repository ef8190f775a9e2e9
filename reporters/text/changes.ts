/** A comparison as sections of short texts, for whatever shows them. The texts hold guest-made names. */
import { cutEnd } from '../../src/results/bounded-text.ts';
import type { Changes, ComparedTest, Comparison, SlowerCell, Times } from '../../src/results/comparison.ts';
import { formatDuration } from '../../src/results/duration.ts';
import type { ChangeSection } from './change-section.ts';
import { plural, testTitle } from './words.ts';

/** In the order in which people want to know. */
const TITLES: Record<keyof Changes<never, never>, { title: string; isBad: boolean }> = {
  newlyFailing: { title: 'newly failing', isBad: true },
  flaky: { title: 'flaky now', isBad: true },
  notRun: { title: 'not run now', isBad: true },
  slower: { title: 'slower', isBad: true },
  fixed: { title: 'fixed', isBad: false },
  stillFailing: { title: 'still failing', isBad: false },
  added: { title: 'added', isBad: false },
  removed: { title: 'removed', isBad: false },
};

const CELLS = 5;
const TITLE = 200;

/** The sections that hold anything; cells before tests. @param most items told of each. */
export function changeSections({ cells, tests }: Comparison, most: number): ChangeSection[] {
  return (Object.keys(TITLES) as (keyof typeof TITLES)[]).flatMap((change) => {
    const all = [
      ...cells[change].map((cell) => () => cellItem(cell)),
      ...tests[change].map((test) => () => testItem(test)),
    ];
    if (all.length === 0) return [];
    const items = all.slice(0, most).map((item) => item());
    const { title, isBad } = TITLES[change];
    const counts = countsInWords(cells[change].length, tests[change].length);
    return [{ title: `${title}: ${counts}`, isBad, items, more: all.length - items.length }];
  });
}

function countsInWords(cells: number, tests: number): string {
  const parts = [cells > 0 ? plural(cells, 'cell') : '', tests > 0 ? plural(tests, 'test') : ''];
  return parts.filter((part) => part !== '').join(', ');
}

function cellItem(cell: string | SlowerCell): string {
  return typeof cell === 'string' ? cell : `${cell.cell}: ${timesInWords(cell)}`;
}

function testItem(test: ComparedTest & Partial<Times>): string {
  const { suite, cells, before, after, ...named } = test;
  const title = cutEnd(testTitle({ name: suite }, named), TITLE);
  const times = before === undefined || after === undefined ? '' : `: ${timesInWords({ before, after })}`;
  const more = cells.length > CELLS ? ` and ${cells.length - CELLS} more` : '';
  return `${title}${times} (${cells.slice(0, CELLS).join(', ')}${more})`;
}

function timesInWords({ before, after }: Times): string {
  return `${formatDuration(before)} → ${formatDuration(after)}`;
}
