import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { annotationsOf } from '../../../reporters/github/annotations.ts';
import { annotationCommand } from '../../../reporters/github/commands.ts';
import { codeBlock, inline } from '../../../reporters/github/markdown.ts';
import { summaryMarkdown } from '../../../reporters/github/summary.ts';
import { createReporter } from '../../../reporters/github.ts';
import { createReporter as createPlain } from '../../../reporters/plain.ts';
import { ELSEWHERE } from '../../../src/results/model.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { nastyText } from './nasty-text.ts';
import { Printed } from './print.ts';
import {
  broken,
  CWD,
  cellInfo,
  cellStory,
  failing,
  OUTPUT,
  passing,
  runStory,
  type ScriptedCell,
  suite,
  tested,
} from './script.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const fails = (id: string, index: number, name = 'adds', message = 'expected 1', more = {}) =>
  cellStory(cellInfo(id, index), [tested(1, [suite('math', failing(name, message, more))])]);
const passes = (id: string, index: number) =>
  cellStory(cellInfo(id, index), [tested(1, [suite('math', passing('adds'))])]);
const breaks = (id: string, index: number) =>
  cellStory(cellInfo(id, index), [
    broken(1, 'boot', { code: 'NO_BOOT', message: 'it did not boot', hint: 'look' }),
  ]);

const resultOf = (cells: ScriptedCell[]) => runStory(cells).result;

test('one annotation a distinct failure, with its cells, the most widespread first', () => {
  const result = resultOf([
    fails('a/n=1', 0, 'subtracts', 'odd'),
    fails('a/n=2', 1),
    fails('b/n=1', 2),
    fails('b/n=2', 3),
    breaks('c', 4),
    breaks('d', 5),
    passes('e', 6),
  ]);
  expect(annotationsOf(result).map(({ level, title }) => `${level} ${title}`)).toEqual([
    'error math > adds (3 cells)',
    'error boot: NO_BOOT (2 cells)',
    'error math > subtracts (1 cell)',
  ]);
  const [first, second] = annotationsOf(result);
  expect(first?.message).toContain(
    'cells: a/n=2, b/n=1, b/n=2\nagain: vmtest run matrix.yml a/n=2 b/n=1 b/n=2',
  );
  expect(second?.message).toBe('it did not boot\nhint: look\ncells: c, d\nagain: vmtest run matrix.yml c d');
});

test('beyond ten the last one says how many there are', () => {
  const cells = Array.from({ length: 14 }, (_, index) => fails(`c${index}`, index, `test ${index}`));
  const told = annotationsOf(resultOf(cells));
  expect(told).toHaveLength(10);
  expect(told.at(-1)?.message).toBe('5 more distinct failures: see the job summary.');
});

test('more than ten failures of few causes are told cause by cause, and what the cells have in common', () => {
  const names = Array.from({ length: 11 }, (_, at) => `case ${at}`);
  const cell = (id: string, index: number, bad: boolean) =>
    cellStory(cellInfo(id, index), [
      tested(1, [suite('math', ...names.map((name) => (bad ? failing(name, 'no') : passing(name))))]),
    ]);
  const ids = ['a', 'b', 'c'].flatMap((target) => [`${target}/n=1`, `${target}/n=2`]);
  const result = resultOf(ids.map((id, index) => cell(id, index, id.endsWith('2'))));
  const told = annotationsOf(result);
  expect(told.map(({ title }) => title)).toEqual(['math > case 0 and 10 more tests (3 cells)']);
  expect(told[0]?.message).toContain(
    'math > case 10: no\nwherever n is 2\ncells: a/n=2, b/n=2, c/n=2\nagain:',
  );
  expect(summaryMarkdown(result, 50_000)).toContain('❌ 3 cells, 11 tests, wherever n is 2</summary>');
});

test('what is allowed to fail, and what is flaky, is a warning', () => {
  const flaky = cellStory(cellInfo('b', 1), [
    tested(1, [suite('math', failing('adds', 'no'))]),
    tested(2, [suite('math', passing('adds'))]),
  ]);
  const allowed = cellStory(cellInfo('a'), [tested(1, [suite('math', failing('adds', 'no'))])], {
    allowedToFail: true,
  });
  expect(annotationsOf(resultOf([allowed, flaky])).map(({ level, title }) => [level, title])).toEqual([
    ['warning', 'math > adds (1 cell)'],
    ['warning', 'flaky: math > adds (1 cell)'],
  ]);
});

test('a test that was retried in the guest is told, although its cell passed', () => {
  const cell = cellStory(cellInfo('a'), [
    tested(1, [suite('math', passing('adds', { reruns: [{ message: 'once' }] }))]),
  ]);
  const result = resultOf([cell, passes('b', 1)]);
  expect(annotationsOf(result).map(({ level, title, message }) => [level, title, message])).toEqual([
    ['warning', 'flaky: math > adds (1 cell)', 'once\ncells: a'],
  ]);
  expect(summaryMarkdown(result, 10_000)).toContain('🔁 a, 1 test</summary>\n\n- math &gt; adds');
});

test('what vmtest did not run it does not offer to run again', () => {
  const foreign = fails('mac', 0);
  foreign.result.engine = ELSEWHERE;
  const [told] = annotationsOf(resultOf([foreign]));
  expect(told?.message).not.toContain('again');
  expect(summaryMarkdown(resultOf([foreign]), 10_000)).not.toContain('vmtest run');
  expect(annotationsOf(resultOf([foreign, fails('b', 1)]))[0]?.message).toContain(
    'again: vmtest run matrix.yml b',
  );
});

test.each([
  ['test/a.js', 'test/a.js'],
  ['./test/a.js', 'test/a.js'],
  ['test\\a.js', 'test/a.js'],
  ['/root/work/a.js', undefined],
  ['C:\\work\\a.js', undefined],
  ['../a.js', undefined],
])('the file %s of a test is %s of the repository', (file, expected) => {
  const [told] = annotationsOf(resultOf([fails('a', 0, 'adds', 'no', { file, line: 3 })]));
  expect([told?.file, told?.line]).toEqual([expected, expected && 3]);
});

test('a command is one line whose parts cannot be left, whatever the guest wrote', () => {
  expect(
    annotationCommand({
      level: 'error',
      title: 'a: b, 100 %',
      message: 'x\n::error::y',
      file: 'f,1',
      line: 2,
    }),
  ).toBe('::error file=f%2C1,line=2,title=a%3A b%2C 100 %25::x%0A::error::y');
  fc.assert(
    fc.property(nastyText, nastyText, (title, message) => {
      const command = annotationCommand({ level: 'error', title, message });
      expect(command).not.toMatch(/[\r\n\x1b]/);
      expect(command.slice('::error title='.length).split('::')[0]).not.toMatch(/[:,]/);
    }),
  );
});

test('all that is printed during the run stands between fences that no guest can guess', async () => {
  vi.stubEnv('GITHUB_STEP_SUMMARY', '');
  const stdout = new Printed();
  const context = { output: OUTPUT, cwd: CWD, stdout, stderr: new Printed(), color: false };
  const story = runStory([
    cellStory(cellInfo('a'), [tested(1, [suite('s', failing('f', '::error::no'))])], {
      output: '::set-output name=x::y\n',
    }),
  ]);
  const reporters = [createReporter(context), createPlain(context)];
  for (const event of story.events) for (const reporter of reporters) reporter.onEvent?.(event);
  for (const reporter of reporters) await reporter.finish?.();
  const lines = stdout.text.trimEnd().split('\n');
  const token = /^::stop-commands::(vmtest-[0-9a-f]{32})$/.exec(lines[0] ?? '')?.[1];
  expect(token).toBeDefined();
  const end = lines.indexOf(`::${token}::`);
  expect(lines.findIndex((line) => line.includes('set-output'))).toBeLessThan(end);
  expect(lines.slice(0, end).join('\n')).toContain('exit code 1');
  expect(lines.slice(end + 1)).toEqual([expect.stringMatching(/^::error title=s > f \(1 cell\)::/)]);
  expect(createReporter({ ...context, stdout: new Printed() })).not.toBe(reporters[0]);
});

test('the summary is added to what is there, within what GitHub takes', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'summary.md');
  await writeFile(path, 'before\n');
  vi.stubEnv('GITHUB_STEP_SUMMARY', path);
  const reporter = createReporter({
    output: folder,
    stdout: new Printed(),
    stderr: new Printed(),
    color: false,
  });
  for (const event of runStory([fails('a/n=1', 0), passes('a/n=2', 1)]).events) reporter.onEvent?.(event);
  await reporter.finish?.();
  expect(await readFile(path, 'utf8')).toMatchInlineSnapshot(`
    "before
    ## ❌ vmtest matrix.yml: failed

    2 cells in 2 min 14 s. Cells 2: 1 passed, 1 failed. Tests 2: 1 passed, 1 failed.

    | target | n=1 | n=2 |
    | --- | --- | --- |
    | a | ❌ | ✅ |

    <details><summary>❌ a/n=1, 1 test</summary>

    **math &gt; adds**: expected 1

    \`\`\`text
    expected 1
        at test.js:3:1
    \`\`\`

    \`\`\`text
    vmtest run matrix.yml a/n=1
    \`\`\`

    </details>

    "
  `);
});

test('a summary that is too large loses the table, then the details, then the stories, then all of it', () => {
  const cells = Array.from({ length: 60 }, (_, index) =>
    fails(`t/n=${index}`, index, `test ${index}`, 'x'.repeat(200)),
  );
  const result = resultOf(cells);
  const shapes: string[] = [];
  // Each time one byte less than the last one took.
  for (let budget = 1_000_000; budget >= 0; ) {
    const text = summaryMarkdown(result, budget);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(budget);
    shapes.push(
      ['| target |', '```text\nxxx', '<details>', '60 cells', 'left out']
        .filter((part) => text.includes(part))
        .join(' '),
    );
    budget = Buffer.byteLength(text) - 1;
  }
  expect(shapes).toEqual([
    '| target | ```text\nxxx <details> 60 cells',
    '```text\nxxx <details> 60 cells left out',
    '<details> 60 cells left out',
    '60 cells left out',
    '60 cells',
    '',
  ]);
});

test('guest-made text is no markup', () => {
  expect(inline('<img src=x> | [a](b) `c` @me')).not.toMatch(/[<>|[\]`@]/);
  expect(codeBlock('```\n</details>')).toBe('````text\n```\n</details>\n````');
});
