import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { eventRecord } from '../../../reporters/events.ts';
import type { RunEvent } from '../../../src/results/events.ts';
import { publishedEventsSchema } from '../../../src/results/published-schema.ts';
import {
  broken,
  cellInfo,
  cellStory,
  failing,
  idleCell,
  passing,
  runStory,
  suite,
  tested,
} from '../reporters/script.ts';

const TIME = new Date('2026-11-21T09:30:00.000Z');
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(publishedEventsSchema());

const a = cellInfo('a/node=22');
const story = runStory(
  [
    cellStory(
      a,
      [
        broken(1, 'boot', { code: 'NO_BOOT', message: 'it did not boot', hint: 'look', details: 'x' }),
        tested(2, [suite('s', passing('p'), failing('f', 'wrong'))]),
      ],
      { output: 'one\ntwo\n' },
    ),
    idleCell(cellInfo('b', 1), { outcome: 'cancelled', reason: 'fail-fast' }),
  ],
  {
    between: [
      {
        type: 'target:prepare',
        target: 'a',
        state: 'start',
        message: 'making the clean state',
        expected: 20_000,
      },
      {
        type: 'target:prepare',
        target: 'a',
        state: 'progress',
        message: 'saving',
        bytes: { done: 1, total: 2 },
      },
      { type: 'target:note', target: 'a', message: 'software emulation' },
      { type: 'cell:note', cell: a, message: 'the clock could not be set' },
      { type: 'cell:progress', cell: a, attempt: 1, bytes: { done: 5 } },
      { type: 'run:cancel', reason: 'fail-fast: a failed', interrupted: false, grace: 30_000 },
    ],
  },
);

/** As a reader has it: through JSON. */
function recordOf(event: RunEvent): Record<string, unknown> {
  return JSON.parse(JSON.stringify(eventRecord(event, TIME)));
}

test('the story has every type of event', () => {
  expect(new Set(story.events.map(({ type }) => type)).size).toBe(
    (publishedEventsSchema() as { oneOf: unknown[] }).oneOf.length,
  );
});

test.each(story.events.map((event) => [event.type, event] as const))('%s fits', (_type, event) => {
  expect(validate(recordOf(event)) || validate.errors).toBe(true);
});

test.each(story.events.map((event) => [event.type, event] as const))(
  '%s fits neither with a key too many nor with one missing',
  (type, event) => {
    const record = recordOf(event);
    expect(validate({ ...record, extra: 1 })).toBe(false);
    for (const key of Object.keys(record)) {
      if (type === 'target:prepare' && (key === 'bytes' || key === 'expected')) continue;
      const { [key]: _left, ...rest } = record;
      expect({ key, valid: validate(rest) }).toEqual({ key, valid: false });
    }
  },
);
