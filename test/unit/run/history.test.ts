import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHost } from '../../../src/host/create-host.ts';
import type { Host } from '../../../src/host/host.ts';
import type { Attempt, CellResult, Outcome } from '../../../src/results/model.ts';
import { readPast, recentRuns, saveHistory } from '../../../src/run/history.ts';
import { scratchFolder } from '../../support/scratch.ts';

async function scratchHost(): Promise<Host> {
  const state = await scratchFolder();
  return createHost({ paths: { state, cache: state } });
}

function cell(id: string, outcome: Outcome, run: number): CellResult {
  const ran = { number: 1 } as Attempt;
  return {
    id,
    outcome,
    timings: { queue: 5_000, run },
    attempts: [ran],
    suites: [],
  } as unknown as CellResult;
}

test('remembers outcome and duration without the queue, and lets old durations fade', async () => {
  const host = await scratchHost();
  await saveHistory(host, '/m.yml', [cell('a', 'passed', 1_000), cell('b', 'failed', 10)]);
  expect((await readPast(host, '/m.yml')).cells).toEqual({
    a: { duration: 1_000, outcome: 'passed', recent: ['passed'], tests: { runs: 1, tests: {} } },
    b: { duration: 10, outcome: 'failed', recent: ['failed'], tests: { runs: 1, tests: {} } },
  });
  await saveHistory(host, '/m.yml', [cell('a', 'failed', 2_000)]);
  expect((await readPast(host, '/m.yml')).cells).toEqual({
    a: { duration: 1_500, outcome: 'failed', recent: ['passed', 'failed'], tests: { runs: 2, tests: {} } },
    b: { duration: 10, outcome: 'failed', recent: ['failed'], tests: { runs: 1, tests: {} } },
  });
  expect((await readPast(host, '/other.yml')).cells).toEqual({});
});

test('learns no duration from a cancelled cell, and nothing from one that never ran', async () => {
  const host = await scratchHost();
  await saveHistory(host, '/m.yml', [cell('a', 'passed', 1_000)]);
  await saveHistory(host, '/m.yml', [cell('a', 'cancelled', 3), { ...cell('b', 'error', 1), attempts: [] }]);
  expect((await readPast(host, '/m.yml')).cells).toEqual({
    a: { duration: 1_000, outcome: 'cancelled', recent: ['passed'], tests: { runs: 1, tests: {} } },
  });
});

test('counts how a cell ended in its last twenty runs', async () => {
  const host = await scratchHost();
  const outcomes: Outcome[] = [
    'error',
    'failed',
    ...Array.from({ length: 17 }, () => 'passed' as const),
    'flaky',
    'failed',
  ];
  for (const outcome of outcomes) await saveHistory(host, '/m.yml', [cell('a', outcome, 1)]);
  await saveHistory(host, '/m.yml', [cell('a', 'cancelled', 1)]);
  const { a } = (await readPast(host, '/m.yml')).cells;
  expect(recentRuns(a)).toEqual({ runs: 20, passed: 17, flaky: 1, failed: 2, error: 0 });
  expect(recentRuns(undefined)).toBeUndefined();
});

test('starts anew when its file is damaged', async () => {
  const host = await scratchHost();
  await saveHistory(host, '/m.yml', [cell('a', 'passed', 1)]);
  const folder = join(host.paths.state, 'history');
  const [name = ''] = await readdir(folder);
  await writeFile(join(folder, name), '{"cells": nonsense');
  expect(await readPast(host, '/m.yml')).toEqual({ cells: {}, prepared: {}, isLost: true });
});

test('remembers tests of 100 cells, and no more in all than a small file holds', async () => {
  const host = await scratchHost();
  const failing = Array.from({ length: 300 }, (_, at) => ({ name: `t${at}`, status: 'failed' as const }));
  const cells = Array.from({ length: 120 }, (_, at) => ({
    ...cell(`c${at}`, 'failed', 1),
    suites: [{ name: 's', cases: failing }],
  }));
  await saveHistory(host, '/m.yml', cells);
  const counts = Object.values((await readPast(host, '/m.yml')).cells).map(
    ({ tests }) => Object.keys(tests?.tests ?? {}).length,
  );
  expect(counts.reduce((sum, count) => sum + count)).toBe(20_000);
  expect(Math.max(...counts)).toBe(200);
  const folder = join(host.paths.state, 'history');
  const [name = ''] = await readdir(folder);
  expect((await stat(join(folder, name))).size).toBeLessThan(1_000_000);
});

test('remembers how long clean states took to make, also over runs that make none', async () => {
  const host = await scratchHost();
  await saveHistory(host, '/m.yml', [cell('a', 'passed', 1)], { 'debian-12': 20_000 });
  await saveHistory(host, '/m.yml', [cell('a', 'passed', 1)]);
  await saveHistory(host, '/m.yml', [], { 'debian-13': 30_000 });
  expect((await readPast(host, '/m.yml')).prepared).toEqual({ 'debian-12': 20_000, 'debian-13': 30_000 });
  expect(Object.keys((await readPast(host, '/m.yml')).cells)).toEqual(['a']);
});
