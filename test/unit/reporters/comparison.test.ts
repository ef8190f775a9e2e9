import { describe, expect, test } from 'vitest';
import { comparisonMarkdown } from '../../../reporters/github/comparison.ts';
import { summaryMarkdown } from '../../../reporters/github/summary.ts';
import { createReporter as createPlain } from '../../../reporters/plain.ts';
import { comparisonLines } from '../../../reporters/text/comparison.ts';
import { renderLine } from '../../../reporters/text/line.ts';
import { compare } from '../../../src/results/compare.ts';
import type { RunResult } from '../../../src/results/model.ts';
import { play } from './print.ts';
import { cellInfo, cellStory, failing, passing, runStory, suite, tested } from './script.ts';

const runOf = (ids: readonly string[], ...cases: Parameters<typeof suite>[1][]): RunResult =>
  runStory(ids.map((id, at) => cellStory(cellInfo(id, at), [tested(1, [suite('math', ...cases)])]))).result;

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const BEFORE = runOf(IDS, passing('adds'), passing('sums', { duration: 2_000 }), failing('halves', 'no'));
const AFTER = runOf(
  IDS,
  failing('adds', 'no'),
  passing('sums', { duration: 63_000 }),
  passing('halves'),
  passing('<b>[x](y)\x1b[31m'),
);
const text = (before: RunResult, after: RunResult) =>
  comparisonLines(compare(before, after)).map((line) => renderLine(line, false));

describe('a comparison in text', () => {
  test('tells what is bad first, each test once with its cells', () => {
    expect(text(BEFORE, AFTER)).toEqual([
      'changes since 20261121t093000-4f1c (2026-11-21)',
      '  newly failing: 1 test',
      '    math > adds (a, b, c, d, e and 2 more)',
      '  slower: 1 test',
      '    math > sums: 2.0 s → 1 min 03 s (a, b, c, d, e and 2 more)',
      '  fixed: 1 test',
      '    math > halves (a, b, c, d, e and 2 more)',
      '  still failing: 7 cells',
      ...IDS.map((id) => `    ${id}`),
      '  added: 1 test',
      '    math > <b>[x](y) (a, b, c, d, e and 2 more)',
    ]);
  });

  test('says when there is nothing', () => {
    const same = runOf(IDS, passing('adds'));
    expect(text(same, same)).toEqual(['nothing changed since 20261121t093000-4f1c (2026-11-21)']);
  });

  test('tells ten of a kind and counts the others', () => {
    const names = Array.from({ length: 14 }, (_, at) => `t${at}`);
    const lines = text(
      runOf(['a'], ...names.map((name) => passing(name))),
      runOf(['a'], ...names.map((name) => failing(name, 'no'))),
    );
    expect(lines[1]).toBe('  newly failing: 1 cell, 14 tests');
    expect(lines).toHaveLength(13);
    expect(lines.at(-1)).toBe('    … and 5 more: results.json has them all');
  });

  test('stands in the summary of a run', async () => {
    const { events } = runStory([]);
    const last = events.at(-1);
    if (last?.type === 'run:end') last.result = { ...AFTER, comparison: compare(BEFORE, AFTER) };
    expect((await play(createPlain, events)).text).toContain('\n\nchanges since 20261121t093000-4f1c');
  });
});

describe('a comparison in Markdown', () => {
  const comparison = compare(BEFORE, AFTER);

  test('is a list, and no markup of any guest', () => {
    const markdown = comparisonMarkdown(comparison, 20);
    expect(markdown).toMatch(
      /^### Since .*\n\n- \*\*newly failing&#58; 1 test\*\*\n {2}- math &gt; adds &#40;a, b/,
    );
    expect(markdown).not.toMatch(/<b>|\]\(|\x1b/);
  });

  test('can be its numbers alone', () => {
    expect(comparisonMarkdown(comparison, 0).split('\n').slice(2)).toEqual([
      '- **newly failing&#58; 1 test**',
      '- **slower&#58; 1 test**',
      '- fixed&#58; 1 test',
      '- still failing&#58; 7 cells',
      '- added&#58; 1 test',
    ]);
  });

  test('is what the job summary keeps longest but for the totals', () => {
    const result = { ...AFTER, comparison };
    const parts = (budget: number) => {
      const markdown = summaryMarkdown(result, budget);
      return [/### Since/.test(markdown), /math &gt; adds &#40;/.test(markdown), /<details>/.test(markdown)];
    };
    const whole = Buffer.byteLength(summaryMarkdown(result, 1e6));
    expect(parts(whole)).toEqual([true, true, true]);
    expect(parts(600)).toEqual([true, false, false]);
    expect(parts(200)).toEqual([false, false, false]);
  });
});
