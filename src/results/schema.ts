/**
 * The shape of `results.json`. The types of `model.ts` and this schema are held together by a test, and so is the
 * published `schema/results.schema.json`. Plain data: ajv is not needed to load it.
 */
import { COMPARISON_PARTS, comparison } from './comparison-schema.ts';
import { PHASES } from './model.ts';

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const textMap = { type: 'object', additionalProperties: text } as const;
const count = { type: 'integer', minimum: 0 } as const;

const time = {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$',
  description: 'ISO 8601 in UTC.',
} as const;

const milliseconds = { type: 'number', minimum: 0, description: 'Milliseconds.' } as const;

const phase = {
  enum: PHASES,
  description: 'Where a cell is; for an error or a cancellation, where it happened.',
} as const;

const outcome = {
  enum: ['passed', 'failed', 'error', 'skipped', 'cancelled', 'flaky'],
  description:
    '`failed` is the software under test; `error` is the host, the engine or vmtest; `flaky` passed after a failed attempt.',
} as const;

const errorInfo = {
  type: 'object',
  additionalProperties: false,
  required: ['code', 'message'],
  properties: {
    code: { type: 'string', description: 'Stable, upper case.' },
    message: text,
    hint: { type: 'string', description: 'What a person can do about it.' },
    details: { type: 'string', description: "An engine's stderr, the tail of a console." },
  },
} as const;

const testCounts = {
  type: 'object',
  description: 'Counts of the cases that are really there.',
  additionalProperties: false,
  required: ['total', 'passed', 'failed', 'error', 'skipped'],
  properties: { total: count, passed: count, failed: count, error: count, skipped: count },
} as const;

const cellCounts = {
  type: 'object',
  description: 'Each cell is counted once: a flaky one is not among the passed.',
  additionalProperties: false,
  required: ['total', 'passed', 'failed', 'error', 'skipped', 'cancelled', 'flaky'],
  properties: {
    total: count,
    passed: count,
    failed: count,
    error: count,
    skipped: count,
    cancelled: count,
    flaky: count,
  },
} as const;

const testFailure = {
  type: 'object',
  additionalProperties: false,
  properties: {
    message: { type: 'string', description: 'One line.' },
    type: {
      type: 'string',
      description: 'Exception class or the like; `vmtest.…` where vmtest made the case.',
    },
    text: { type: 'string', description: 'Stack, diff.' },
  },
} as const;

const testCase = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'status'],
  properties: {
    name: text,
    classname: text,
    file: text,
    line: { type: 'integer', minimum: 1 },
    status: { enum: ['passed', 'failed', 'error', 'skipped'] },
    duration: milliseconds,
    failures: { type: 'array', items: testFailure, description: 'Of the last attempt.' },
    skipReason: text,
    stdout: text,
    stderr: text,
    reruns: {
      type: 'array',
      items: testFailure,
      description:
        'Other failed attempts: within the guest, or of the cell. A passed case that has them is flaky.',
    },
    properties: textMap,
    recent: {
      type: 'object',
      description:
        'Of a case that failed or was flaky, if it had been so before: how often in the last runs of its cell on that ' +
        'host, at most 20, this one left out.',
      additionalProperties: false,
      required: ['runs', 'failed', 'flaky'],
      properties: { runs: count, failed: count, flaky: count },
    },
  },
} as const;

const testSuite = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'cases'],
  properties: {
    name: { type: 'string', description: 'Nested suites are flattened; their names are joined with ` > `.' },
    file: text,
    timestamp: time,
    hostname: text,
    duration: milliseconds,
    properties: textMap,
    stdout: text,
    stderr: text,
    cases: { type: 'array', items: testCase },
  },
} as const;

const timings = {
  type: 'object',
  description: 'Milliseconds in each phase that was entered.',
  additionalProperties: false,
  properties: {
    queue: milliseconds,
    restore: milliseconds,
    boot: milliseconds,
    connect: milliseconds,
    upload: milliseconds,
    setup: milliseconds,
    run: milliseconds,
    collect: milliseconds,
    release: milliseconds,
  },
} as const;

const attempt = {
  type: 'object',
  description: 'One try at a cell, from a clean machine.',
  additionalProperties: false,
  required: ['number', 'outcome', 'started', 'timings', 'tests', 'notes'],
  properties: {
    number: { type: 'integer', minimum: 1 },
    outcome: { enum: ['passed', 'failed', 'error', 'cancelled'] },
    phase,
    error: errorInfo,
    exitCode: { type: 'integer', description: 'Of the test command, when it ran to its end.' },
    signal: { type: 'string', description: 'What ended the test command.' },
    started: time,
    timings,
    tests: testCounts,
    notes: texts,
  },
} as const;

const cellFiles = {
  type: 'object',
  description: 'Paths relative to the folder of this file, with `/`.',
  additionalProperties: false,
  properties: {
    output: text,
    console: text,
    screen: text,
    engine: { ...text, description: "The engine's commands that ran for the cell." },
    results: texts,
    artifacts: texts,
  },
} as const;

const cell = {
  type: 'object',
  additionalProperties: false,
  required: [
    'id',
    'slug',
    'index',
    'target',
    'values',
    'engine',
    'snapshot',
    'outcome',
    'allowedToFail',
    'attempts',
    'timings',
    'tests',
    'suites',
    'notes',
    'files',
  ],
  properties: {
    id: { type: 'string', description: '`debian-12/node=22`. Stable across runs.' },
    slug: { type: 'string', pattern: '^[a-z0-9_-]+$', description: 'The id in folder names and JUnit.' },
    index: { type: 'integer', minimum: 0, description: 'Position in the matrix file.' },
    target: text,
    values: { ...textMap, description: 'Axis → value, as written in the matrix file.' },
    engine: text,
    engineVersion: { ...text, description: 'As the engine itself tells it.' },
    passedOver: {
      type: 'array',
      description: 'Engines that the target names before it, and why they cannot be used on this host.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['engine', 'reason'],
        properties: { engine: text, reason: text },
      },
    },
    snapshot: text,
    outcome,
    allowedToFail: { type: 'boolean', description: '`continue-on-error`: does not fail the run.' },
    phase,
    error: errorInfo,
    attempts: {
      type: 'array',
      items: attempt,
      description: 'The last one decides. Empty for a cell that never started.',
    },
    timings: { ...timings, description: 'Milliseconds in each phase, over all attempts.' },
    tests: testCounts,
    suites: {
      type: 'array',
      items: testSuite,
      description: 'Of the last attempt. There is at least one case: if no test ran, one that says why.',
    },
    notes: texts,
    recent: {
      type: 'object',
      description: 'Its last runs before this one on that host, at most 20. Absent in the first.',
      additionalProperties: false,
      required: ['runs', 'passed', 'flaky', 'failed', 'error'],
      properties: { runs: count, passed: count, flaky: count, failed: count, error: count },
    },
    files: cellFiles,
  },
} as const;

const host = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'os', 'arch', 'cpus', 'memory', 'node', 'vmtest'],
  properties: {
    name: text,
    os: text,
    arch: text,
    cpus: count,
    memory: { type: 'integer', minimum: 0, description: 'Bytes.' },
    node: { type: 'string', description: 'Version of Node.' },
    vmtest: { type: 'string', description: 'Version of vmtest.' },
  },
} as const;

const run = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'started', 'finished', 'outcome', 'exitCode', 'seed', 'host'],
  properties: {
    id: text,
    started: time,
    finished: time,
    outcome,
    exitCode: {
      type: 'integer',
      description:
        '0 all passed or allowed to fail, 1 a test failed, 3 something could not be run, 4 nothing selected, 130 interrupted.',
    },
    seed: text,
    matrix: { type: 'string', description: 'The matrix file, as it was named on the command line.' },
    shard: { type: 'string', description: '`1/3`.' },
    host,
  },
} as const;

export const RESULTS_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'vmtest results',
  description: 'What `vmtest run` writes to results.json.',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'run', 'summary', 'cells'],
  properties: {
    version: { const: 1 },
    run,
    summary: {
      type: 'object',
      additionalProperties: false,
      required: ['cells', 'tests'],
      properties: { cells: cellCounts, tests: testCounts },
    },
    cells: { type: 'array', items: cell, description: "In the matrix file's order." },
    comparison,
  },
} as const;

/** The parts that the published file names, under the names it gives them. */
export const SCHEMA_PARTS: Readonly<Record<string, object>> = {
  time,
  milliseconds,
  phase,
  outcome,
  error: errorInfo,
  testCounts,
  cellCounts,
  testFailure,
  testCase,
  testSuite,
  attempt,
  files: cellFiles,
  cell,
  host,
  run,
  ...COMPARISON_PARTS,
};
