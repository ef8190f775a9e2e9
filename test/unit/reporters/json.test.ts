import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReporter, resultsJson } from '../../../reporters/json.ts';
import { junitDocument } from '../../../reporters/junit/document.ts';
import { compare, hasChanges } from '../../../src/results/compare.ts';
import type { RunResult } from '../../../src/results/model.ts';
import { judge } from '../../../src/results/verdict.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { parseXml } from '../../support/xml-tree.ts';
import { read } from '../results/read.ts';
import { nastyText } from './nasty-text.ts';
import { play } from './print.ts';
import {
  attempt,
  broken,
  cellInfo,
  cellStory,
  cut,
  failing,
  idleCell,
  passing,
  runStory,
  type ScriptedCell,
  suite,
  tested,
} from './script.ts';

const schema = JSON.parse(
  await readFile(new URL('../../../schema/results.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ allErrors: true }).compile(schema);

/** What the file says, after the published schema has accepted it. */
function written(result: RunResult): RunResult {
  const value = JSON.parse([...resultsJson(result)].join(''));
  expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
  return value;
}

const error = { code: 'X', message: 'x', hint: 'h', details: 'd' };

/** One cell of every fate that a cell can have. */
async function everyFate(): Promise<ScriptedCell[]> {
  const parsed = await read(`<testsuites>
    <testsuite name="s" timestamp="2026-11-21T09:30:00" hostname="h" file="s.js" time="1.5">
      <properties><property name="p" value="v"/><property name="__proto__" value="w"/></properties>
      <testcase name="a" classname="C" file="a.js" line="3" time="0.0005"><properties><property name="q" value="r"/></properties><system-out>o</system-out><system-err>e</system-err></testcase>
      <testcase name="b"><failure message="m" type="T">t</failure><rerunFailure message="n"/></testcase>
      <testcase name="c"><error/></testcase><testcase name="d"><skipped message="why"/></testcase>
      <system-out>so</system-out><system-err>se</system-err>
    </testsuite></testsuites>`);
  const results = { globs: ['*.xml'], files: 1, parsed };
  const none = { globs: ['*.xml'], files: 0, parsed: { suites: [], complete: true, problems: [] } };
  const good = suite('s', passing('a'));
  const bad = suite('s', failing('a', 'no'));
  const files = { output: 'o', console: 'c', screen: 's', results: ['r'], artifacts: ['a'] };
  return [
    cellStory(
      cellInfo('read/node=22', 0),
      [attempt(1, judge({ command: 'x', end: { exitCode: 1 }, results }))],
      { files },
    ),
    cellStory(cellInfo('passed', 1), [tested(1, [good])], { notes: ['a note'] }),
    cellStory(cellInfo('flaky', 2), [tested(1, [bad]), tested(2, [good])]),
    cellStory(cellInfo('allowed', 3), [attempt(1, judge({ command: 'x', end: { signal: 'SIGKILL' } }))], {
      allowedToFail: true,
    }),
    cellStory(cellInfo('error', 4), [broken(1, 'boot', error), broken(2, 'connect', error)]),
    cellStory(cellInfo('no-results', 5), [
      attempt(1, judge({ command: 'x', end: { exitCode: 0 }, results: none })),
    ]),
    cellStory(cellInfo('cut', 6), [cut(1, 'run', 'Ctrl-C')]),
    idleCell(cellInfo('skipped', 7), { outcome: 'skipped', reason: 'no engine' }),
    idleCell(cellInfo('cancelled', 8), { outcome: 'cancelled', reason: 'fail-fast' }),
    idleCell(cellInfo('impossible', 9), { outcome: 'error', phase: 'restore', error }),
  ];
}

describe('results.json', () => {
  test('is the result, and fits the published schema, for every fate of a cell', async () => {
    const { result } = runStory(await everyFate(), { run: { shard: '1/3' } });
    expect(written(result)).toEqual(JSON.parse(JSON.stringify(result)));
  });

  test('with a comparison too, before the cells', async () => {
    const { result } = runStory(await everyFate());
    const before = structuredClone(result);
    for (const { suites } of before.cells) {
      for (const { cases } of suites) {
        for (const one of cases) Object.assign(one, { status: 'passed', duration: 0 });
      }
    }
    before.cells.pop();
    const compared = { ...result, comparison: compare(before, result) };
    expect(hasChanges(compared.comparison)).toBe(true);
    expect(written(compared).comparison).toEqual(compared.comparison);
    expect([...resultsJson(compared)][0]).toMatch(/^\{"version":1,"run":.*,"comparison":\{.*,"cells":\[$/);
  });

  test('and for runs of every kind', () => {
    for (const story of [
      runStory([]),
      runStory([], { interrupted: true }),
      runStory([cellStory(cellInfo('a'), [tested(1, [])])]),
    ]) {
      written(story.result);
    }
  });

  test('its counts are those of junit.xml, in the whole and in each cell', async () => {
    const { result } = runStory(await everyFate());
    const { summary, cells } = written(result);
    const countsOf = (some: RunResult['cells']) => {
      const xml = [...junitDocument(some, { duration: 0, attachment: (file) => file })].join('');
      const { tests, failures, errors } = parseXml(xml).attributes;
      return [Number(tests), Number(failures), Number(errors)];
    };
    const expected = ({ total, failed, error: errors }: RunResult['summary']['tests']) => [
      total,
      failed,
      errors,
    ];
    expect(countsOf(cells)).toEqual(expected(summary.tests));
    for (const cell of cells) expect(countsOf([cell])).toEqual(expected(cell.tests));
  });

  test('any text comes back', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const { result } = runStory([
          cellStory(cellInfo('a'), [tested(1, [suite(text, failing(text, text, { stdout: text }))])]),
        ]);
        const [{ suites }] = written(result).cells as [RunResult['cells'][number]];
        expect(suites[0]?.name).toBe(text);
        expect(suites[0]?.cases[0]).toMatchObject({ name: text, stdout: text });
      }),
    );
  });

  test('has a line for each cell, for tools that read line by line', () => {
    const { result } = runStory([
      cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])]),
      cellStory(cellInfo('b', 1), [tested(1, [suite('s', passing('p'))])]),
    ]);
    const lines = [...resultsJson(result)].join('').split('\n');
    expect(lines.map((line) => line.slice(0, 10))).toEqual([
      '{"version"',
      '{"id":"a",',
      '{"id":"b",',
      ']}',
      '',
    ]);
  });

  test('is written at the end, to its place or where it is told', async () => {
    const output = await scratchFolder();
    const { events, result } = runStory([cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])])]);
    await play(createReporter, events, { output });
    expect(JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))).toEqual(result);
    await play(createReporter, events, { output, path: join(output, 'x/y.json') });
    expect(JSON.parse(await readFile(join(output, 'x/y.json'), 'utf8'))).toEqual(result);
  });
});
