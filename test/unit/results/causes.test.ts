import { describe, expect, test } from 'vitest';
import { type Cause, causesOf } from '../../../src/results/causes.ts';
import type { CellResult, TestCase } from '../../../src/results/model.ts';
import { judge } from '../../../src/results/verdict.ts';
import {
  attempt,
  broken,
  cellInfo,
  cellStory,
  failing,
  idleCell,
  passing,
  suite,
  tested,
} from '../reporters/script.ts';

/** A matrix of targets, libc and node; `casesOf` says what each cell's tests did. */
function matrix(
  casesOf: (values: { target: string; libc: string; node: string }) => TestCase[],
): CellResult[] {
  const targets = { 'alpine-3': 'musl', 'void-musl': 'musl', 'debian-12': 'glibc', 'fedora-44': 'glibc' };
  return Object.entries(targets).flatMap(([target, libc]) =>
    ['20', '22'].map((node) => {
      const info = cellInfo(`${target}/libc=${libc}/node=${node}`);
      return cellStory(info, [tested(1, [suite('s', ...casesOf({ target, libc, node }))])]).result;
    }),
  );
}

const said = ({ conditions, spared }: Cause) => ({
  conditions: conditions.map(({ axis, values, except }) => `${axis}${except ? '≠' : '='}${values.join('|')}`),
  spared,
});

describe('causes', () => {
  test('the same tests on every musl target are one', () => {
    const cells = matrix(({ libc }) => [
      ...['a', 'b', 'c'].map((name) =>
        libc === 'musl' ? failing(name, `dlopen failed at 0x${name}f00`) : passing(name),
      ),
      passing('d'),
    ]);
    const { causes, leftOut } = causesOf(cells);
    expect(causes).toHaveLength(1);
    expect(leftOut).toBe(0);
    expect(causes[0]?.symptoms.map((symptom) => symptom.test?.name)).toEqual(['a', 'b', 'c']);
    expect(causes[0]?.cells).toHaveLength(4);
    expect(said(causes[0] as Cause)).toEqual({ conditions: ['libc=musl'], spared: 0 });
  });

  test('how often a test failed before is added up over the cells that it struck', () => {
    const cells = matrix(({ libc, node }) => [
      failing(
        't',
        'no',
        libc === 'musl' ? { recent: { runs: 20, failed: node === '22' ? 3 : 1, flaky: 1 } } : {},
      ),
    ]);
    expect(causesOf(cells).causes[0]?.symptoms[0]?.recent).toEqual({ runs: 80, failed: 8, flaky: 4 });
  });

  test.each([
    ['one axis', ({ node }: Values) => node === '22', ['node=22'], 0],
    [
      'two axes together',
      ({ libc, node }: Values) => libc === 'musl' && node === '22',
      ['libc=musl', 'node=22'],
      0,
    ],
    ['all targets but one', ({ target }: Values) => target !== 'fedora-44', ['target≠fedora-44'], 0],
    [
      'some targets on one version',
      ({ target, node }: Values) => node === '22' && target !== 'debian-12' && target !== 'void-musl',
      ['target=alpine-3|fedora-44', 'node=22'],
      0,
    ],
    ['everywhere', () => true, [], 0],
    ['no pattern', ({ target, node }: Values) => (target === 'alpine-3') === (node === '20'), [], 4],
  ])('%s', (_what, isStruck, conditions, spared) => {
    const cells = matrix((values) => [isStruck(values) ? failing('t', 'no') : passing('t')]);
    expect(said(causesOf(cells).causes[0] as Cause)).toEqual({ conditions, spared });
  });

  test('three axes together', () => {
    const cells = ['a', 'b', 'c'].flatMap((target) =>
      ['20', '22'].flatMap((node) =>
        ['1', '2', '3'].map((part) => {
          const isStruck = target === 'b' && node === '20' && part !== '3';
          const cases = [isStruck ? failing('t', 'no') : passing('t')];
          return cellStory(cellInfo(`${target}/node=${node}/part=${part}`), [
            tested(1, [suite('s', ...cases)]),
          ]).result;
        }),
      ),
    );
    expect(said(causesOf(cells).causes[0] as Cause)).toEqual({
      conditions: ['target=b', 'node=20', 'part=1|2'],
      spared: 0,
    });
  });

  test('a command that failed by itself spared the cells that passed', () => {
    const of = (id: string, exitCode: number) =>
      cellStory(cellInfo(id), [
        attempt(
          1,
          judge({
            command: 'make test',
            end: { exitCode },
            results: {
              globs: ['*.xml'],
              files: 1,
              parsed: { suites: [suite('s', passing('p'))], complete: true, problems: [] },
            },
          }),
        ),
      ]).result;
    const { causes } = causesOf([
      of('a/node=20', 3),
      of('a/node=22', 3),
      of('b/node=20', 0),
      of('b/node=22', 0),
    ]);
    expect(said(causes[0] as Cause)).toEqual({ conditions: ['target=a'], spared: 0 });
  });

  test('a tendency, with as many exceptions as there are', () => {
    const cells = ['a', 'b', 'c'].flatMap((target) =>
      ['20', '22'].flatMap((node) =>
        ['pg', 'sqlite'].map((db) => {
          const isStruck = node === '22' && (target === 'a') !== (db === 'pg');
          const cases = [isStruck ? failing('t', 'no') : passing('t')];
          return cellStory(cellInfo(`${target}/node=${node}/db=${db}`), [tested(1, [suite('s', ...cases)])])
            .result;
        }),
      ),
    );
    expect(said(causesOf(cells).causes[0] as Cause)).toEqual({ conditions: ['node=22'], spared: 3 });
  });

  test('different messages are different causes, different numbers are not', () => {
    const cells = matrix(({ libc, node }) => [
      failing('t', libc === 'musl' ? `timed out after ${node}31 ms` : 'connection refused'),
    ]);
    expect(causesOf(cells).causes.map(({ cells: struck }) => struck.length)).toEqual([4, 4]);
  });

  test('a cell that did not run the test was not spared', () => {
    const cells = matrix(({ target, libc }) =>
      target === 'fedora-44' ? [] : [libc === 'musl' ? failing('t', 'no') : passing('t')],
    );
    expect(said(causesOf(cells).causes[0] as Cause)).toEqual({ conditions: ['libc=musl'], spared: 0 });
  });

  test('errors are grouped by phase and code, and told once', () => {
    const error = (port: number) => ({
      code: 'NO_ANSWER',
      message: `port ${port} never answered`,
      hint: 'wait',
    });
    const cells = [
      cellStory(cellInfo('a/node=20'), [broken(1, 'connect', error(2201))]).result,
      cellStory(cellInfo('a/node=22'), [broken(1, 'connect', error(2202))]).result,
      cellStory(cellInfo('b/node=20'), [tested(1, [suite('s', passing('p'))])]).result,
      idleCell(cellInfo('b/node=22'), { outcome: 'cancelled', reason: 'fail-fast' }).result,
    ];
    const { causes } = causesOf(cells);
    expect(causes).toHaveLength(1);
    expect(causes[0]).toMatchObject({
      kind: 'error',
      symptoms: [{ phase: 'connect', failure: { type: 'NO_ANSWER', message: 'port 2201 never answered' } }],
      conditions: [{ axis: 'target', values: ['a'], except: false }],
    });
  });

  test('what is flaky comes last', () => {
    const cells = matrix(({ node, target }) => [
      passing('f', node === '20' ? { reruns: [{ message: 'too slow' }] } : {}),
      target === 'alpine-3' && node === '22' ? failing('t', 'no') : passing('t'),
    ]);
    const { causes } = causesOf(cells);
    expect(causes.map(({ kind, cells: struck }) => [kind, struck.length])).toEqual([
      ['failed', 1],
      ['flaky', 4],
    ]);
    expect(said(causes[1] as Cause)).toEqual({ conditions: ['node=20'], spared: 0 });
  });

  test('axes and tests called __proto__ are names like others', () => {
    const named = (id: string, ...cases: TestCase[]) =>
      cellStory(
        { ...cellInfo(id), target: 't', values: JSON.parse(`{"__proto__":"${id}","constructor":"x"}`) },
        [tested(1, [suite('__proto__', ...cases)])],
      ).result;
    const { causes } = causesOf([
      named('a', failing('__proto__', 'constructor')),
      named('b', passing('__proto__')),
      named('c', passing('__proto__')),
    ]);
    expect(said(causes[0] as Cause)).toEqual({ conditions: ['__proto__=a'], spared: 0 });
  });

  test('of very many the most widespread are told, the rest counted', () => {
    const cells = matrix(({ target, node }) => [
      failing(`only on ${target} ${node}`, 'no'),
      failing('all', 'no'),
    ]);
    const { causes, leftOut } = causesOf(cells, 3);
    expect(causes.map(({ cells: struck }) => struck.length)).toEqual([8, 1, 1]);
    expect(leftOut).toBe(6);
  });

  test('a name that repeats within a cell strikes it once', () => {
    const cells = matrix(() => [failing('t', 'no'), failing('t', 'no'), passing('t')]);
    expect(causesOf(cells).causes[0]?.cells).toHaveLength(8);
  });
});

type Values = { target: string; libc: string; node: string };
