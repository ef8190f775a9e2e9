import { describe, expect, test } from 'vitest';
import type { TestCase, TestSuite } from '../../../src/results/model.ts';
import { INCOMPLETE_TYPE, type ParsedResults } from '../../../src/results/parsed-results.ts';
import {
  type CommandEnd,
  cancelVerdict,
  errorVerdict,
  judge,
  type Verdict,
} from '../../../src/results/verdict.ts';

const passed: TestCase = { name: 'p', status: 'passed' };
const skipped: TestCase = { name: 's', status: 'skipped' };
const failed: TestCase = { name: 'f', status: 'failed', failures: [{ message: 'no' }] };
const errored: TestCase = { name: 'e', status: 'error' };
const unfinished: TestCase = { name: 'u', status: 'error', failures: [{ type: INCOMPLETE_TYPE }] };

const suiteOf = (...cases: TestCase[]): TestSuite[] => (cases.length === 0 ? [] : [{ name: 'x', cases }]);

function judged(
  end: CommandEnd,
  cases: TestCase[],
  more: Partial<ParsedResults> & { files?: number } = {},
): Verdict {
  const { files = 1, ...parsed } = more;
  return judge({
    command: 'make test',
    end,
    tail: 'last words',
    results: {
      globs: ['r/*.xml', 's.xml'],
      files,
      parsed: { suites: suiteOf(...cases), complete: true, problems: [], ...parsed },
    },
  });
}

/** Names and states of all cases. */
const casesOf = (verdict: Verdict) =>
  verdict.suites.flatMap(({ name: suite, cases }) =>
    cases.map(({ name, status }) => `${suite}/${name}: ${status}`),
  );

describe('with result files', () => {
  test('a pass takes exit code 0, whole results and no failing test', () => {
    expect(judged({ exitCode: 0 }, [passed, skipped])).toEqual({
      outcome: 'passed',
      exitCode: 0,
      tests: { total: 2, passed: 1, failed: 0, error: 0, skipped: 1 },
      suites: suiteOf(passed, skipped),
      notes: [],
    });
  });

  test('all tests skipped is a pass: they are there', () => {
    expect(judged({ exitCode: 0 }, [skipped]).outcome).toBe('passed');
  });

  test.each([
    ['a failed test', failed],
    ['a broken test', errored],
  ])('exit code 0 with %s is no pass', (_what, testCase) => {
    const verdict = judged({ exitCode: 0 }, [passed, testCase]);
    expect(verdict.outcome).toBe('failed');
    expect(verdict.notes).toEqual(['the command ended with exit code 0, although a test failed']);
    expect(casesOf(verdict)).toHaveLength(2);
  });

  test('a failing command with failing tests needs no more words', () => {
    const verdict = judged({ exitCode: 1 }, [passed, failed]);
    expect(verdict).toMatchObject({ outcome: 'failed', exitCode: 1, notes: [] });
    expect(casesOf(verdict)).toEqual(['x/p: passed', 'x/f: failed']);
  });

  test.each<[string, CommandEnd, string, string]>([
    [
      'an exit code',
      { exitCode: 2 },
      'the command ended with exit code 2, although no test failed',
      'vmtest.exit',
    ],
    [
      'a signal',
      { signal: 'SIGSEGV' },
      'the command was ended by SIGSEGV, although no test failed',
      'vmtest.exit',
    ],
    ['neither', {}, 'the command ended without an exit code, although no test failed', 'vmtest.exit'],
    [
      'its deadline',
      { exitCode: 0, timedOutAfter: 900_000 },
      'the command took longer than 15 min 00 s (test.timeout) and was ended, although no test failed',
      'vmtest.timeout',
    ],
    [
      'its silence',
      { exitCode: 0, silentFor: 90_000 },
      'the command printed nothing for 1 min 30 s (test.idle-timeout) and was ended, although no test failed',
      'vmtest.timeout',
    ],
  ])(
    'a command that fails by %s while all tests pass gets a failing case of its own',
    (_what, end, message, type) => {
      const verdict = judged(end, [passed]);
      expect(verdict.outcome).toBe('failed');
      expect(casesOf(verdict)).toEqual(['x/p: passed', 'command/make test: failed']);
      expect(verdict.suites.at(-1)?.cases[0]?.failures).toEqual([{ message, type, text: 'last words' }]);
      expect(verdict.tests).toMatchObject({ total: 2, failed: 1 });
    },
  );

  test('a command that came to no end of its own shows the console too', () => {
    const { suites } = judge({ command: 'x', end: { silentFor: 1 }, tail: 'said', console: 'panic' });
    expect(suites[0]?.cases[0]?.failures?.[0]?.text).toBe('said\n\nthe end of the console:\npanic');
  });

  test('a failing command without results is failed, not an error: it is an answer', () => {
    const verdict = judged({ exitCode: 127 }, [], { files: 0 });
    expect(verdict.outcome).toBe('failed');
    expect(verdict.notes).toEqual(['no file in the guest matches r/*.xml, s.xml']);
    expect(verdict.suites[0]?.cases[0]?.failures?.[0]?.message).toBe('the command ended with exit code 127');
  });

  test('a failing command with a cut-off file is failed, with a case that says so', () => {
    const verdict = judged({ signal: 'SIGKILL' }, [passed, unfinished], {
      complete: false,
      problems: ['a.xml: cut off'],
    });
    expect(verdict).toMatchObject({ outcome: 'failed', signal: 'SIGKILL', notes: ['a.xml: cut off'] });
    expect(casesOf(verdict)).toEqual(['x/p: passed', 'x/u: error', 'command/make test: failed']);
  });

  test.each<[string, TestCase[], Partial<ParsedResults> & { files?: number }, string, string]>([
    [
      'no file',
      [],
      { files: 0 },
      'RESULTS_MISSING',
      'the command succeeded, but no file in the guest matches r/*.xml, s.xml',
    ],
    [
      'files that did not arrive',
      [],
      { files: 0, complete: false, problems: ['a.xml was not taken'] },
      'RESULTS_INCOMPLETE',
      'the command succeeded, but its results are not whole: a.xml was not taken',
    ],
    [
      'a file that is not whole',
      [passed],
      { complete: false, problems: ['a.xml: cut off'] },
      'RESULTS_INCOMPLETE',
      'the command succeeded, but its results are not whole: a.xml: cut off',
    ],
    [
      'a test that is not whole',
      [passed, unfinished],
      { complete: false, problems: ['a.xml: cut off'] },
      'RESULTS_INCOMPLETE',
      'the command succeeded, but its results are not whole: a.xml: cut off',
    ],
    [
      'files without tests',
      [],
      { problems: ['a.xml: the file holds no tests'] },
      'RESULTS_EMPTY',
      'the command succeeded, but the files that match r/*.xml, s.xml hold no tests',
    ],
  ])('exit code 0 with %s is an error of the collect phase', (_what, cases, more, code, message) => {
    const verdict = judged({ exitCode: 0 }, cases, more);
    expect(verdict).toMatchObject({
      outcome: 'error',
      phase: 'collect',
      exitCode: 0,
      error: { code, message },
    });
    expect(casesOf(verdict).at(-1)).toBe('vmtest/collect: error');
    expect(casesOf(verdict)).toHaveLength(cases.length + 1);
    expect(verdict.suites.at(-1)?.cases[0]?.failures?.[0]).toMatchObject({
      type: 'vmtest.collect',
      message: `${code}: ${message}`,
    });
  });

  test('failing tests of a file that is not whole are failures all the same', () => {
    expect(judged({ exitCode: 0 }, [failed], { complete: false, problems: ['cut'] })).toMatchObject({
      outcome: 'failed',
      notes: ['cut', 'the command ended with exit code 0, although a test failed'],
    });
  });

  test('a whole file with the type of an unfinished test (the report of another vmtest) is no pass', () => {
    expect(judged({ exitCode: 0 }, [passed, unfinished])).toMatchObject({ outcome: 'failed' });
  });

  test('many problems are cut to the first', () => {
    const problems = Array.from({ length: 50 }, (_, i) => `problem ${i}`);
    const { notes } = judged({ exitCode: 0 }, [passed], { problems });
    expect(notes).toHaveLength(21);
    expect(notes.at(-1)).toBe('and 30 more problems with the result files');
  });
});

describe('without result files', () => {
  const alone = (end: CommandEnd, command = 'make test') => judge({ command, end });

  test('the command is the one test', () => {
    expect(alone({ exitCode: 0 })).toEqual({
      outcome: 'passed',
      exitCode: 0,
      tests: { total: 1, passed: 1, failed: 0, error: 0, skipped: 0 },
      suites: [{ name: 'command', cases: [{ name: 'make test', status: 'passed' }] }],
      notes: [],
    });
    expect(alone({ exitCode: 4 })).toMatchObject({
      outcome: 'failed',
      exitCode: 4,
      tests: { total: 1, failed: 1 },
    });
  });

  test.each([
    ['./ci/test.sh "$VMTEST_NODE"', './ci/test.sh "$VMTEST_NODE"'],
    ['#!/bin/sh\nset -eu\n\n  npm ci\nnpm test\n', 'npm ci …'],
    ['@echo off\r\nrem all\r\n:: of them\r\nbuild.cmd\r\n', 'build.cmd'],
    ['\n# nothing\n', 'run'],
    ['x'.repeat(200), `${'x'.repeat(119)}…`],
    ['printf "\\x1b[0m"\x1b[31m', 'printf "\\x1b[0m"'],
  ])('and is called after its first line that does something: %j', (command, name) => {
    expect(alone({ exitCode: 0 }, command).suites[0]?.cases[0]?.name).toBe(name);
  });
});

describe('attempts that came to no result', () => {
  test('an error is a case named after its phase', () => {
    const error = { code: 'QEMU_START_FAILED', message: 'no', hint: 'try', details: 'stderr' };
    expect(errorVerdict('boot', error)).toEqual({
      outcome: 'error',
      phase: 'boot',
      error,
      tests: { total: 1, passed: 0, failed: 0, error: 1, skipped: 0 },
      suites: [
        {
          name: 'vmtest',
          cases: [
            {
              name: 'boot',
              status: 'error',
              failures: [
                {
                  type: 'vmtest.boot',
                  message: 'QEMU_START_FAILED: no',
                  text: 'QEMU_START_FAILED: no\n\ntry\n\nstderr',
                },
              ],
            },
          ],
        },
      ],
      notes: [],
    });
  });

  test('a cancelled attempt is a skipped case with its reason', () => {
    const verdict = cancelVerdict('run', 'Ctrl-C');
    expect(verdict).toMatchObject({ outcome: 'cancelled', phase: 'run', tests: { total: 1, skipped: 1 } });
    expect(verdict.suites[0]?.cases).toEqual([
      { name: 'cell', status: 'skipped', skipReason: 'cancelled: Ctrl-C' },
    ]);
  });
});
