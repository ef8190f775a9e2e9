/**
 * The shape of `events.ndjson`: one record a line. The keys of every event are held to the types of `events.ts` by the
 * compiler, the published `schema/events.schema.json` by a test.
 */
import type { RunEvent, RunEventOf } from './events.ts';
import { PHASES } from './model.ts';
import { RESULTS_SCHEMA } from './schema.ts';

/** Changes when a reader of the stream would have to. */
export const EVENTS_VERSION = 1;

/** An event as it is written. */
export type EventRecord =
  | ({ time: string } & Exclude<RunEvent, { type: 'run:start' }>)
  | ({ time: string; version: typeof EVENTS_VERSION } & RunEventOf<'run:start'>);

const { $schema, ...results } = RESULTS_SCHEMA;
const { cells, run } = results.properties;
const cell = cells.items;
const attempt = cell.properties.attempts.items;

const text = { type: 'string' } as const;
const number = { type: 'integer', minimum: 1, description: 'The attempt at the cell, from 1.' } as const;
const milliseconds = { type: 'number', minimum: 0, description: 'Milliseconds.' } as const;

const bytes = {
  type: 'object',
  description: 'How far a long transfer has come; without `total` where nobody knows how much will come.',
  additionalProperties: false,
  required: ['done'],
  properties: { done: { type: 'integer', minimum: 0 }, total: { type: 'integer', minimum: 0 } },
} as const;

const cellInfo = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'slug', 'index', 'target', 'values', 'engine', 'snapshot'],
  properties: pick(cell.properties, [
    ...['id', 'slug', 'index', 'target', 'values', 'engine'],
    ...['engineVersion', 'passedOver', 'snapshot'],
  ] as const),
} as const;

const runInfo = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'started', 'seed', 'host'],
  properties: pick(run.properties, ['id', 'started', 'seed', 'matrix', 'shard', 'host']),
} as const;

const attemptResult = {
  ...attempt,
  required: [...attempt.required, 'suites'],
  properties: { ...attempt.properties, suites: cell.properties.suites },
};

type Properties = { [T in RunEvent['type']]: Record<Exclude<keyof RunEventOf<T>, 'type'>, object> };

const EVENTS: Properties = {
  'run:start': {
    run: runInfo,
    cells: { type: 'array', items: cellInfo },
    output: { type: 'string', description: 'The folder that the run writes into, absolute.' },
    expected: {
      type: 'object',
      description: 'Cell id → milliseconds that it took in earlier runs.',
      additionalProperties: milliseconds,
    },
  },
  'target:prepare': {
    target: text,
    state: { enum: ['start', 'progress', 'done', 'failed'] },
    message: text,
    bytes,
    expected: { ...milliseconds, description: 'Milliseconds that the whole took in an earlier run.' },
  },
  'target:note': { target: text, message: text },
  'cell:start': { cell: cellInfo, attempt: number },
  'cell:phase': { cell: cellInfo, attempt: number, phase: { enum: PHASES } },
  'cell:progress': { cell: cellInfo, attempt: number, bytes },
  'cell:output': {
    cell: cellInfo,
    attempt: number,
    stream: { enum: ['stdout', 'stderr'] },
    text: { type: 'string', description: 'Whole lines; the very last one may come without its end.' },
  },
  'cell:note': { cell: cellInfo, message: text },
  'cell:attempt': { cell: cellInfo, result: attemptResult, willRetry: { type: 'boolean' } },
  'cell:end': { cell: cellInfo, result: cell },
  'run:cancel': {
    reason: text,
    interrupted: {
      type: 'boolean',
      description: 'By a signal, or by whoever called; else by fail-fast or a limit of time.',
    },
    grace: { ...milliseconds, description: 'Milliseconds that releasing all machines may take.' },
  },
  'run:end': { result: results },
};

const OPTIONAL = new Set(['bytes of target:prepare', 'expected of target:prepare']);

const DESCRIPTIONS: Partial<Record<RunEvent['type'], string>> = {
  'run:start': 'Always the first record.',
  'target:prepare': "Making a target's clean state on first use.",
  'cell:end': 'Exactly once a cell, also when it never started.',
  'run:end': 'Always the last record, also of a run that was interrupted.',
};

export const EVENTS_SCHEMA = {
  $schema,
  title: 'vmtest events',
  description: 'A line of what `--reporter events` writes.',
  type: 'object',
  required: ['type'],
  oneOf: (Object.keys(EVENTS) as RunEvent['type'][]).map(recordSchema),
};

/** The parts that the published file names, beside those of `results.json`. */
export const EVENT_PARTS: Readonly<Record<string, object>> = {
  bytes,
  cellInfo,
  runInfo,
  attemptResult,
  results,
};

function recordSchema(type: RunEvent['type']): object {
  const version = type === 'run:start' ? { version: { const: EVENTS_VERSION } } : {};
  const properties = { time: run.properties.started, type: { const: type }, ...version, ...EVENTS[type] };
  const description = DESCRIPTIONS[type];
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    additionalProperties: false,
    required: Object.keys(properties).filter((key) => !OPTIONAL.has(`${key} of ${type}`)),
    properties,
  };
}

function pick<T extends object, K extends keyof T>(all: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, all[key]])) as Pick<T, K>;
}
