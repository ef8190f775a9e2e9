/** What vmtest promises of every viewer, fed as docs/ci.md recommends. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { SeenJob } from '../../../../scripts/viewers/github.ts';
import { viewedRun } from '../../../../scripts/viewers/sample.ts';
import { sharedKeys, viewersTable } from '../../../../scripts/viewers/table.ts';
import { isRed } from '../../../../scripts/viewers/viewer.ts';
import { FEEDS, jobOf, type View, viewsOf } from '../../../../scripts/viewers/views.ts';

const run = viewedRun({ targets: 8, tests: 45 });
const { tests } = run.summary;
let views: View[];
let job: SeenJob;

beforeAll(async () => {
  views = await viewsOf(run);
  job = await jobOf(run);
}, 60_000);

const FED = FEEDS.map(({ viewer, options, per, isRecommended }, at) => ({
  name: `${viewer.name}, a file a ${per} ${options.join(' ')}`,
  isRecommended,
  at,
}));

describe.each(FED.filter(({ isRecommended }) => isRecommended))('$name', ({ at }) => {
  const view = () => views[at] as View;

  test('sees every test, and no fewer failures than there are', () => {
    const bad = view().seen.tests.filter(({ outcome }) => outcome === 'failed' || outcome === 'error');
    expect(view().seen.refused).toEqual([]);
    expect(view().seen.tests).toHaveLength(tests.total);
    expect(bad).toHaveLength(tests.failed + tests.error);
  });

  test('sees every cell, those that could not run or were cancelled, too', () => {
    expect(new Set(view().seen.tests.map(({ cell }) => cell))).toEqual(
      new Set(run.cells.map(({ slug }) => slug)),
    );
  });

  test('takes no two tests of different cells for one', () => {
    expect(sharedKeys(view().seen).acrossCells).toBe(0);
  });

  test('is red', () => {
    expect(isRed(view().seen)).toBe(true);
  });
});

test('without the options the promises do not hold, or nobody would need them', () => {
  const [, , capped, , azure] = views;
  expect(capped?.seen.tests.length).toBeLessThan(tests.total);
  expect(sharedKeys((azure as View).seen).acrossCells).toBeGreaterThan(0);
});

test('GitHub is told all numbers, drops nothing, and is red', () => {
  expect(job.dropped).toBe(0);
  expect(job.summary).toContain(`Tests ${tests.total}: `);
  expect(job.annotations.some(({ level }) => level === 'error')).toBe(true);
  expect(job.annotations.filter(({ isCut }) => isCut)).toEqual([]);
});

test('the table says it', () => {
  const rows = viewersTable(run, views, job).split('\n');
  expect(rows).toHaveLength(2 + 1 + FEEDS.length + 1);
  expect(new Set(rows.map((row) => row.split('|').length)).size).toBe(1);
  expect(rows[2]).toContain(`| ${tests.total} | ${tests.passed} | ${tests.failed} | ${tests.error} |`);
});
