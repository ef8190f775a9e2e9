import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FromSchema } from 'json-schema-to-ts';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type {
  CellCounts,
  CellFiles,
  CellResult,
  ErrorInfo,
  Phase,
  RunResult,
  TestCase,
  TestCounts,
  TestFailure,
  TestSuite,
} from '../../../src/results/model.ts';
import { publishedSchema } from '../../../src/results/published-schema.ts';
import { RESULTS_SCHEMA } from '../../../src/results/schema.ts';
import { cellInfo, cellStory, passing, runStory, suite, tested } from '../reporters/script.ts';

type FromFile = FromSchema<typeof RESULTS_SCHEMA>;
type FileCell = FromFile['cells'][number];
type FileSuite = FileCell['suites'][number];
type FileCase = FileSuite['cases'][number];

describe('the schema of results.json', () => {
  test('and the types fit each other, both ways (checked by the compiler)', () => {
    expectTypeOf<RunResult>().toExtend<FromFile>();
    expectTypeOf<FromFile>().toExtend<RunResult>();
  });

  test('and have the same keys: an optional one too many would fit (checked by the compiler)', () => {
    expectTypeOf<keyof FromFile>().toEqualTypeOf<keyof RunResult>();
    expectTypeOf<keyof FromFile['run']>().toEqualTypeOf<keyof RunResult['run']>();
    expectTypeOf<keyof FromFile['run']['host']>().toEqualTypeOf<keyof RunResult['run']['host']>();
    expectTypeOf<keyof FromFile['summary']>().toEqualTypeOf<keyof RunResult['summary']>();
    expectTypeOf<keyof FromFile['summary']['cells']>().toEqualTypeOf<keyof CellCounts>();
    expectTypeOf<keyof FromFile['summary']['tests']>().toEqualTypeOf<keyof TestCounts>();
    expectTypeOf<keyof FileCell>().toEqualTypeOf<keyof CellResult>();
    expectTypeOf<keyof FileCell['files']>().toEqualTypeOf<keyof CellFiles>();
    expectTypeOf<keyof FileCell['timings']>().toEqualTypeOf<Phase>();
    expectTypeOf<keyof NonNullable<FileCell['error']>>().toEqualTypeOf<keyof ErrorInfo>();
    expectTypeOf<keyof FileCell['attempts'][number]>().toEqualTypeOf<keyof CellResult['attempts'][number]>();
    expectTypeOf<keyof FileSuite>().toEqualTypeOf<keyof TestSuite>();
    expectTypeOf<keyof FileCase>().toEqualTypeOf<keyof TestCase>();
    expectTypeOf<keyof NonNullable<FileCase['failures']>[number]>().toEqualTypeOf<keyof TestFailure>();
  });

  test('is strict and well-formed', () => {
    const ajv = new Ajv2020({ strict: true, allErrors: true });
    expect(() => ajv.compile(publishedSchema())).not.toThrow();
  });

  const { result } = runStory([cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])])]);
  const text = JSON.stringify(result);
  const change = (from: string, to: string): unknown => {
    expect(text).toContain(from);
    return JSON.parse(text.replace(from, to));
  };

  test.each<[string, boolean, () => unknown]>([
    ['a real result', true, () => JSON.parse(text)],
    ['another version', false, () => change('"version":1', '"version":2')],
    ['an unknown key', false, () => change('"slug":', '"extra":1,"slug":')],
    ['a missing count', false, () => change(',"skipped":0}},"cells"', '}},"cells"')],
    ['an unknown outcome', false, () => change('"outcome":"passed"', '"outcome":"broken"')],
    ['a local time', false, () => change('09:30:00.000Z', '09:30:00+01:00')],
    ['a folder that climbs', false, () => change('"slug":"a"', '"slug":"../a"')],
    ['an unknown phase', false, () => change('"restore":80', '"lunch":80')],
  ])('takes %s: %s', (_what, valid, make) => {
    const value = make();
    const ajv = new Ajv2020();
    // The published form and the one that gives the types must say the same.
    expect(ajv.validate(publishedSchema(), value)).toBe(valid);
    expect(ajv.validate(RESULTS_SCHEMA, value)).toBe(valid);
  });
});
