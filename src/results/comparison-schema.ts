/** The shape of `comparison` in `results.json`; held to the types of `comparison.ts` by the test of the whole schema. */
const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const milliseconds = { type: 'number', minimum: 0, description: 'Milliseconds.' } as const;

const describe = {
  newlyFailing: 'Failing now, and not before: it passed, was skipped, or was not there.',
  fixed: 'Failed before, and passed now at the first attempt.',
  stillFailing: 'Failed both times.',
  flaky: 'Passed only after a failed attempt, which it did not need to before.',
  slower: 'Passed both times, and took at least half as long again, by more than the noise.',
  notRun: 'Gave an answer before and none now: skipped, cancelled.',
  added: 'New, and not failing.',
  removed: 'No longer there.',
} as const;

const test = {
  suite: text,
  classname: text,
  name: text,
  cells: { type: 'array', items: text, minItems: 1, description: 'Ids of the cells of which this is told.' },
} as const;

const comparedTest = {
  type: 'object',
  additionalProperties: false,
  required: ['suite', 'name', 'cells'],
  properties: test,
} as const;

const slowerTest = {
  type: 'object',
  description: 'The times are those of the cell in which the most was lost.',
  additionalProperties: false,
  required: ['suite', 'name', 'cells', 'before', 'after'],
  properties: { ...test, before: milliseconds, after: milliseconds },
} as const;

const slowerCell = {
  type: 'object',
  description: 'The times are those of the test command.',
  additionalProperties: false,
  required: ['cell', 'before', 'after'],
  properties: { cell: text, before: milliseconds, after: milliseconds },
} as const;

const tests = { type: 'array', items: comparedTest } as const;
const lists = [
  'newlyFailing',
  'fixed',
  'stillFailing',
  'flaky',
  'slower',
  'notRun',
  'added',
  'removed',
] as const;

const cellChanges = {
  type: 'object',
  description: 'By their ids.',
  additionalProperties: false,
  required: lists,
  properties: {
    newlyFailing: { ...texts, description: describe.newlyFailing },
    fixed: { ...texts, description: describe.fixed },
    stillFailing: { ...texts, description: describe.stillFailing },
    flaky: { ...texts, description: describe.flaky },
    slower: { type: 'array', items: slowerCell, description: describe.slower },
    notRun: { ...texts, description: describe.notRun },
    added: { ...texts, description: describe.added },
    removed: { ...texts, description: describe.removed },
  },
} as const;

const testChanges = {
  type: 'object',
  description: 'The most widespread first. Only of cells that gave an answer in both runs.',
  additionalProperties: false,
  required: lists,
  properties: {
    newlyFailing: { ...tests, description: describe.newlyFailing },
    fixed: { ...tests, description: describe.fixed },
    stillFailing: { ...tests, description: describe.stillFailing },
    flaky: { ...tests, description: describe.flaky },
    slower: { type: 'array', items: slowerTest, description: describe.slower },
    notRun: { ...tests, description: describe.notRun },
    added: { ...tests, description: describe.added },
    removed: { ...tests, description: describe.removed },
  },
} as const;

export const comparison = {
  type: 'object',
  description:
    'With `vmtest report --baseline`: what changed since an earlier run. A thing is in one list at most.',
  additionalProperties: false,
  required: ['baseline', 'cells', 'tests'],
  properties: {
    baseline: {
      type: 'object',
      additionalProperties: false,
      required: ['id', 'started'],
      properties: { id: text, started: text, matrix: text },
    },
    cells: cellChanges,
    tests: testChanges,
  },
} as const;

/** The parts that the published file names. */
export const COMPARISON_PARTS: Readonly<Record<string, object>> = {
  comparedTest,
  slowerTest,
  slowerCell,
  comparison,
};
