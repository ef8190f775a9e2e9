import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEventsFile } from '../../../src/report/read-events-file.ts';
import type { RunEvent } from '../../../src/results/events.ts';
import { scratchFolder } from '../../support/scratch.ts';
import {
  broken,
  cellInfo,
  cellStory,
  failing,
  passing,
  runStory,
  suite,
  tested,
} from '../reporters/script.ts';
import { writeEvents } from './write-runs.ts';

const STORY = runStory([
  cellStory(cellInfo('a', 0), [tested(1, [suite('s', passing('t'))])], { output: '{"type":"cell:end"}\n' }),
  cellStory(cellInfo('b', 1), [
    broken(1, 'boot', { code: 'NO_BOOT', message: 'no' }),
    tested(2, [suite('s', failing('t', 'no'))]),
  ]),
  cellStory(cellInfo('c', 2), [tested(1, [suite('s', passing('t'))])]),
]);
const CANCEL: RunEvent = { type: 'run:cancel', reason: 'interrupted by SIGINT', interrupted: true, grace: 0 };

async function read(events: readonly RunEvent[], more = '') {
  return readEventsFile(
    join(await writeEvents(await scratchFolder(), events, more), 'events.ndjson'),
    'here',
  );
}

const upTo = (type: RunEvent['type'], id: string, nth = 1): RunEvent[] => {
  const places = STORY.events.flatMap((event, at) =>
    event.type === type && 'cell' in event && event.cell.id === id ? [at] : [],
  );
  return STORY.events.slice(0, (places[nth - 1] ?? Number.NaN) + 1);
};

const fates = ({ cells }: Awaited<ReturnType<typeof read>>) =>
  cells.map(({ id, outcome, phase, error, attempts }) => [id, outcome, phase, error?.code, attempts.length]);

describe('events.ndjson', () => {
  test('of a whole run gives its result', async () => {
    const run = await read(STORY.events);
    expect(run).toMatchObject({ finished: STORY.result.run.finished, interrupted: false });
    expect(run.cells).toEqual(JSON.parse(JSON.stringify(STORY.result.cells)));
  });

  test('of a run that died: who had ended has, who ran is in error, who waited is cancelled', async () => {
    const run = await read(upTo('cell:phase', 'b'));
    expect(fates(run)).toEqual([
      ['a', 'passed', undefined, undefined, 1],
      ['b', 'error', 'restore', 'RUN_DIED', 1],
      ['c', 'cancelled', undefined, undefined, 0],
    ]);
    expect(run.cells[1]?.attempts[0]?.timings).toEqual({ queue: 1_000 });
    expect(run.cells[2]?.suites[0]?.cases[0]?.skipReason).toContain('before it was the turn');
    expect(run.finished).toBe('2026-11-21T09:30:07.000Z');
  });

  test('an attempt that had ended counts', async () => {
    expect(fates(await read(upTo('cell:attempt', 'a')))[0]).toEqual(['a', 'passed', undefined, undefined, 1]);
    expect(fates(await read(upTo('cell:attempt', 'b', 1)))[1]).toEqual([
      'b',
      'error',
      'queue',
      'RUN_DIED',
      2,
    ]);
    expect(fates(await read(upTo('cell:start', 'b', 2)))[1]).toEqual(['b', 'error', 'queue', 'RUN_DIED', 2]);
    expect(fates(await read(upTo('cell:attempt', 'b', 2)))[1]).toEqual([
      'b',
      'failed',
      undefined,
      undefined,
      2,
    ]);
  });

  test('of a run that died while it was wound down: what had no end is cancelled', async () => {
    const run = await read([...upTo('cell:phase', 'b'), CANCEL]);
    expect(run.interrupted).toBe(true);
    expect(fates(run).slice(1)).toEqual([
      ['b', 'cancelled', 'restore', undefined, 1],
      ['c', 'cancelled', undefined, undefined, 0],
    ]);
  });

  test('half a line at the end, and one of another writer, do no harm', async () => {
    const run = await read(
      upTo('cell:end', 'a'),
      'oops "type":"cell:end"\n{"time":"2026-11-21T09:30:30.000Z","type":"cell:en',
    );
    expect(fates(run).map(([, outcome]) => outcome)).toEqual(['passed', 'cancelled', 'cancelled']);
  });

  test('names the files that are there', async () => {
    const folder = await writeEvents(await scratchFolder(), upTo('cell:phase', 'b'));
    await mkdir(join(folder, 'cells/b'), { recursive: true });
    await writeFile(join(folder, 'cells/b/output.log'), 'x');
    const run = await readEventsFile(join(folder, 'events.ndjson'), 'here');
    expect(run.cells[1]?.files).toEqual({ output: 'cells/b/output.log' });
  });

  test.each([
    ['nothing in it', '', 'EVENTS_DAMAGED'],
    [
      'no beginning',
      `${JSON.stringify({ time: '2026-11-21T09:30:00Z', type: 'run:cancel', reason: 'x', interrupted: true, grace: 1 })}\n`,
      'EVENTS_DAMAGED',
    ],
    [
      'a newer version',
      '{"version":2,"time":"2026-11-21T09:30:00.000Z","type":"run:start"}\n',
      'RESULTS_TOO_NEW',
    ],
    [
      'a record of no known shape',
      '{"version":1,"time":"2026-11-21T09:30:00.000Z","type":"run:start"}\n',
      'RESULTS_INVALID',
    ],
  ])('with %s is refused', async (_what, text, code) => {
    await expect(read([], text)).rejects.toMatchObject({ code });
  });
});
