/** JUnit XML as its producers write it: small imitations, one trait or two each. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../../support/scratch.ts';
import { onlyCase, outline, read } from '../read.ts';

const run = promisify(execFile);

describe('producers that are at hand', () => {
  test('node:test: suites in suites, cases in the root, raw control characters', async () => {
    const file = join(await scratchFolder(), 'sample.test.mjs');
    await writeFile(
      file,
      `import { describe, it } from 'node:test';
       import assert from 'node:assert';
       it('on its own', () => {});
       describe('outer', () => {
         it('passes', () => {});
         it('fails with \\x1b[31mcolour\\x1b[0m and \\x00', () => assert.fail('raw ]]> and \\x07'));
         it.skip('skipped', () => {});
         it.todo('to do');
         describe('inner', () => it('deep', () => {}));
       });`,
    );
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ['--test', '--test-reporter=junit', file];
    const { stdout } = await run(process.execPath, args, { env }).catch((error: { stdout: string }) => error);
    const result = await read(stdout);
    expect(outline(result).toSorted()).toEqual([
      'outer / test / fails with colour and ␀: failed',
      'outer / test / passes: passed',
      'outer / test / skipped: skipped',
      'outer / test / to do: skipped',
      'outer > inner / test / deep: passed',
      'tests / test / on its own: passed',
    ]);
    expect(result.complete).toBe(true);
    const failed = result.suites.flatMap(({ cases }) => cases).find(({ status }) => status === 'failed');
    expect(failed?.failures?.[0]?.text).toContain('raw ]]> and ␇');
  });
});

describe('roots', () => {
  test.each([
    ['testsuites', '<testsuites><testsuite name="s"><testcase name="a"/></testsuite></testsuites>', 's'],
    ['a bare testsuite', '<testsuite name="s"><testcase name="a"/></testsuite>', 's'],
    [
      'testrun (Eclipse)',
      '<testrun name="r" tests="1"><testsuite name="s"><testcase name="a"/></testsuite></testrun>',
      's',
    ],
    ['cases in testsuites', '<testsuites name="root"><testcase name="a"/></testsuites>', 'root'],
    ['a bare testcase', '<testcase name="a"/>', 'tests'],
    [
      'after the output of npm',
      '\n> app@1.0.0 test\n> node --test\n\n<testsuite name="s"><testcase name="a"/></testsuite>',
      's',
    ],
    [
      'with a document type',
      '<?xml version="1.0"?><!DOCTYPE testsuite><testsuite name="s"><testcase name="a"/></testsuite>',
      's',
    ],
  ])('%s', async (_what, text, suite) => {
    const result = await read(text);
    expect(outline(result)).toEqual([`${suite} / - / a: passed`]);
    expect(result).toMatchObject({ complete: true, problems: [] });
  });

  test('several documents in one file', async () => {
    const one = (name: string) =>
      `<?xml version="1.0" encoding="UTF-8"?>\r\n<testsuite name="${name}"><testcase name="a"/></testsuite>\r\n`;
    const result = await read(`\ufeff${one('first')}${one('second')}`);
    expect(outline(result)).toEqual(['first / - / a: passed', 'second / - / a: passed']);
    expect(result).toMatchObject({ complete: true, problems: [] });
  });
});

describe('what became of a case', () => {
  test.each([
    ['nothing inside', '<testcase name="a"/>', 'passed'],
    ['failure', '<testcase name="a"><failure/></testcase>', 'failed'],
    ['error', '<testcase name="a"><error/></testcase>', 'error'],
    ['skipped', '<testcase name="a"><skipped/></testcase>', 'skipped'],
    ['skipped after output', '<testcase name="a"><system-out>x</system-out><skipped/></testcase>', 'skipped'],
    ['GoogleTest, DISABLED_', '<testcase name="a" status="notrun" result="suppressed"/>', 'skipped'],
    ['GoogleTest, run', '<testcase name="a" status="run" result="completed"/>', 'passed'],
    ['CTest, disabled', '<testcase name="a" status="disabled"/>', 'skipped'],
    ['Eclipse, ignored', '<testcase name="a" ignored="true"/>', 'skipped'],
    ['Eclipse, incomplete', '<testcase name="a" incomplete="true"/>', 'error'],
    ['a status word alone', '<testcase name="a" status="fail"/>', 'failed'],
    ['disabled, yet failed', '<testcase name="a" status="disabled"><failure/></testcase>', 'failed'],
    ['skipped, yet failed', '<testcase name="a"><skipped/><failure/></testcase>', 'failed'],
    ['failed, then broken in teardown', '<testcase name="a"><failure/><error/></testcase>', 'failed'],
  ])('%s', async (_what, text, status) => {
    expect(onlyCase(await read(`<testsuite>${text}</testsuite>`)).status).toBe(status);
  });

  test.each([
    ['the attribute', '<skipped message="no kvm">because</skipped>', 'no kvm'],
    ['the text', '<skipped><![CDATA[\n because\n of rain]]></skipped>', 'because'],
    ['the type (pytest.xfail, todo)', '<skipped type="pytest.xfail" message=""/>', 'pytest.xfail'],
    ['nothing', '<skipped/>', undefined],
  ])('the reason of a skip is %s', async (_what, text, reason) => {
    const result = await read(`<testsuite><testcase name="a">${text}</testcase></testsuite>`);
    expect(onlyCase(result).skipReason).toBe(reason);
  });
});

describe('failures', () => {
  const failuresOf = async (inner: string) =>
    onlyCase(await read(`<testsuite><testcase name="a">${inner}</testcase></testsuite>`)).failures;

  test('several of one case are kept in order (GoogleTest)', async () => {
    expect(
      await failuresOf(
        '<failure message="a.cc:3&#x0A;Expected: 1" type=""><![CDATA[a.cc:3\nExpected: 1]]></failure><failure message="a.cc:9">a.cc:9</failure>',
      ),
    ).toEqual([
      { message: 'a.cc:3', text: 'a.cc:3\nExpected: 1' },
      { message: 'a.cc:9', text: 'a.cc:9' },
    ]);
  });

  test('CDATA that had to be split', async () => {
    expect(await failuresOf('<failure><![CDATA[a]]]]><![CDATA[>b]]>]]&gt;<![CDATA[c]]></failure>')).toEqual([
      { message: 'a]]>b]]>c', text: 'a]]>b]]>c' },
    ]);
  });

  test('a message of several lines goes before details that lack it (pytest, Jest)', async () => {
    expect(await failuresOf('<failure message="one&#10;two" type="E">at x.js:1</failure>')).toEqual([
      { message: 'one', type: 'E', text: 'one\ntwo\n\nat x.js:1' },
    ]);
    expect(await failuresOf('<failure message="one&#10;  two">E one\nE   two\nx.py:1</failure>')).toEqual([
      { message: 'one', text: 'E one\nE   two\nx.py:1' },
    ]);
  });

  test('text alone (bats, gotestsum)', async () => {
    expect(
      await failuresOf('<failure>\n  \n(in test file a.bats, line 3)\n  `false` failed\n</failure>'),
    ).toEqual([
      { message: '(in test file a.bats, line 3)', text: '(in test file a.bats, line 3)\n  `false` failed' },
    ]);
  });

  test('escapes written as text stay text (Surefire, pytest)', async () => {
    expect(await failuresOf('<failure message="a #x1B[31m &amp;#27; &amp;quot;b&amp;quot;"/>')).toEqual([
      { message: 'a #x1B[31m &#27; &quot;b&quot;' },
    ]);
  });

  test('markup that nobody escaped is read as its text', async () => {
    expect(await failuresOf('<failure>if a < b && c <br> then <b>bold</b></failure>')).toEqual([
      { message: 'if a < b && c  then bold', text: 'if a < b && c  then bold' },
    ]);
  });
});

test('a suite that broke itself becomes a case (PHPUnit, C++ loggers)', async () => {
  const result = await read(
    '<testsuites><testsuite name="s"><error message="fixture" type="E"/><testcase name="a"/></testsuite></testsuites>',
  );
  expect(outline(result)).toEqual(['s / - / (suite): error', 's / - / a: passed']);
});

test('nested suites are flattened, their names joined (PHPUnit)', async () => {
  const result = await read(`<testsuites>
    <testsuite name="" tests="2"><testsuite name="Unit"><testsuite name="Tests\\Foo" file="tests/Foo.php">
      <testcase name="testA" class="Tests\\Foo" classname="Tests.Foo" file="tests/Foo.php" line="12" time="4.5e-05"/>
      <testsuite name="testB"><testcase name="testB with data set #0" class="Tests\\Foo"/></testsuite>
    </testsuite></testsuite></testsuite></testsuites>`);
  expect(outline(result)).toEqual([
    'Unit > Tests\\Foo / Tests.Foo / testA: passed',
    'Unit > Tests\\Foo > testB / Tests\\Foo / testB with data set #0: passed',
  ]);
  expect(result.suites[0]).toMatchObject({
    file: 'tests/Foo.php',
    cases: [{ file: 'tests/Foo.php', line: 12, duration: 0.045 }],
  });
});

test('reruns (Surefire, Gradle, Playwright, nextest)', async () => {
  const result = await read(`<testsuite name="s">
    <testcase name="flaky" time="1"><flakyFailure message="slow" type="E"><stackTrace>at A</stackTrace><system-out>out</system-out></flakyFailure>
      <flakyError type="X">plain</flakyError></testcase>
    <testcase name="failed"><failure message="1"/><rerunFailure message="2" type="E"/><rerunError message="3" type="E"/></testcase>
  </testsuite>`);
  expect(result.suites[0]?.cases).toEqual([
    {
      name: 'flaky',
      status: 'passed',
      duration: 1000,
      reruns: [
        { message: 'slow', type: 'E', text: 'at A\n--- system-out ---\nout' },
        { message: 'plain', type: 'X', text: 'plain' },
      ],
    },
    {
      name: 'failed',
      status: 'failed',
      failures: [{ message: '1' }],
      reruns: [
        { message: '2', type: 'E' },
        { message: '3', type: 'E' },
      ],
    },
  ]);
});

test('output of cases and suites; repeated elements are joined (pytest, Bazel)', async () => {
  const result = await read(`<testsuite name="s">
    <testcase name="a"><system-out>call</system-out><system-out>teardown</system-out><system-err/></testcase>
    <system-out><![CDATA[exec $PAGER]]></system-out><system-err>warned</system-err></testsuite>`);
  expect(result.suites[0]).toMatchObject({
    stdout: 'exec $PAGER\n',
    stderr: 'warned\n',
    cases: [{ stdout: 'call\nteardown\n' }],
  });
  expect(result.suites[0]?.cases[0]).not.toHaveProperty('stderr');
});

test('properties of suites and cases, as attribute or text', async () => {
  const result = await read(`<testsuite name="s">
    <properties><property name="java.version" value="21"/><property name="log">a text</property><property value="nameless"/><property name="__proto__" value="x"/></properties>
    <testcase name="a"><properties><property name="issue" value="7"/></properties></testcase></testsuite>`);
  const [suite] = result.suites;
  expect(Object.entries(suite?.properties ?? {})).toEqual([
    ['java.version', '21'],
    ['log', 'a text'],
    ['__proto__', 'x'],
  ]);
  expect(suite?.cases[0]?.properties).toEqual({ issue: '7' });
});

describe('times', () => {
  test.each([
    ['1.5', 1500],
    ['0', 0],
    ['2,503.1', 2_503_100],
    ['1,234,567', 1_234_567_000],
    ['0,005', 5],
    ['1,5', 1500],
    ['4.5e-05', 0.045],
    [' 3 ', 3000],
    ['1e99', 31_536_000_000],
    ['-0.2', 0, 'a time is negative; it was taken as 0'],
    ['NaN', undefined, 'a time is not a number; it was left out'],
    ['soon', undefined, 'a time is not a number; it was left out'],
    ['', undefined],
  ])('%j', async (time, duration, problem?: string) => {
    const result = await read(`<testsuite><testcase name="a" time="${time}"/></testsuite>`);
    expect(onlyCase(result).duration).toBe(duration);
    expect(result.problems).toEqual(problem === undefined ? [] : [problem]);
  });

  test.each([
    ['2026-11-21T09:30:00', '2026-11-21T09:30:00.000Z'],
    ['2026-11-21T09:30:00.123456', '2026-11-21T09:30:00.123Z'],
    ['2026-11-21T09:30:00+02:00', '2026-11-21T07:30:00.000Z'],
    ['Sat, 21 Nov 2026 09:30:00 GMT', '2026-11-21T09:30:00.000Z'],
    ['yesterday', undefined],
    ['0001-01-01T00:00:00', undefined],
  ])('a suite began at %s', async (timestamp, iso) => {
    const result = await read(`<testsuite timestamp="${timestamp}"><testcase name="a"/></testsuite>`);
    expect(result.suites[0]?.timestamp).toBe(iso);
  });
});

describe('declared counts', () => {
  test('are not believed when more is there (gotestsum)', async () => {
    const result = await read(
      '<testsuite tests="1" failures="9"><testcase name="a"/><testcase name="b"/></testsuite>',
    );
    expect(result).toMatchObject({ complete: true, problems: [] });
    expect(outline(result)).toHaveLength(2);
  });

  test('are a warning when less is there, told where it is missing', async () => {
    const result = await read(
      '<testsuites tests="6"><testsuite name="s" tests="3"><testcase name="a"/></testsuite><testsuite name="t" tests="2"><testcase name="a"/><testcase name="b"/></testsuite></testsuites>',
    );
    expect(result.complete).toBe(true);
    expect(result.problems).toEqual([
      's declares 3 tests, but has only 1',
      'the file declares 6 tests, but has only 3',
    ]);
  });

  test('of the root are no second warning for what a suite lacks', async () => {
    const result = await read(
      '<testsuites tests="3"><testsuite name="s" tests="3"><testcase name="a"/></testsuite></testsuites>',
    );
    expect(result.problems).toEqual(['s declares 3 tests, but has only 1']);
  });
});

describe('names', () => {
  test('twins are kept, in order (parameterised tests, pytest teardown)', async () => {
    const result = await read(
      '<testsuite name="s"><testcase name="a"/><testcase name="a"><error/></testcase></testsuite>',
    );
    expect(outline(result)).toEqual(['s / - / a: passed', 's / - / a: error']);
  });

  test('missing ones get one', async () => {
    const result = await read(
      '<testsuite><testcase classname=""/><testcase name="\x1b[0m" classname="\x1b[31m"/></testsuite>',
    );
    expect(outline(result)).toEqual(['tests / - / (no name): passed', 'tests / - / (no name): passed']);
  });

  test('Ant keeps the package apart', async () => {
    const result = await read(
      '<testsuite package="com.example" name="FooTest"><testcase name="a"/></testsuite>',
    );
    expect(outline(result)).toEqual(['com.example.FooTest / - / a: passed']);
  });

  test('a case that forgot its end tag does not swallow the next (hand-made writers)', async () => {
    const result = await read(
      '<testsuite name="s"><testcase name="a"><testcase name="b"><failure/></testcase></testsuite>',
    );
    expect(outline(result).toSorted()).toEqual(['s / - / a: error', 's / - / b: failed']);
    expect(result).toMatchObject({
      complete: false,
      problems: ['the XML is broken: an element has no end tag'],
    });
  });
});
