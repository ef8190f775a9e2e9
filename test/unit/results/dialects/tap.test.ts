import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onlyCase, outline, read as readAny, wouldBe } from '../read.ts';

const read = (lines: readonly string[], options = {}) =>
  readAny(`${lines.join('\n')}\n`, { format: 'tap', ...options });

describe('a point', () => {
  test.each([
    ['ok', 'passed', '(no name)', undefined],
    ['ok 1', 'passed', 'test 1', undefined],
    ['ok 1 - adds', 'passed', 'adds', undefined],
    ['ok   1   adds', 'passed', 'adds', undefined],
    ['ok - adds', 'passed', 'adds', undefined],
    ['not ok 1 - adds', 'failed', 'adds', undefined],
    ['ok 1 - 3 - 2 is 1', 'passed', '3 - 2 is 1', undefined],
    ['ok 1 - issue #7', 'passed', 'issue #7', undefined],
    ['ok 1 - a \\# b \\\\ c', 'passed', 'a # b \\ c', undefined],
    ['ok 1 - a # SKIP no kvm', 'skipped', 'a', 'no kvm'],
    ['ok 1 - a # Skipped: no kvm', 'skipped', 'a', 'no kvm'],
    ['not ok 1 - a # skip', 'skipped', 'a', undefined],
    ['not ok 1 - a # todo later', 'skipped', 'a', 'TODO later'],
    ['ok 1 - a \\# SKIP it', 'passed', 'a # SKIP it', undefined],
    ['ok 1 - a # time=1.5ms', 'passed', 'a', undefined],
    ['not ok 1 - calls f() {', 'failed', 'calls f()', undefined],
  ])('%s', async (line, status, name, skipReason) => {
    const found = onlyCase(await read([line, '1..1']));
    expect([found.status, found.name, found.skipReason]).toEqual([status, name, skipReason]);
  });

  test('its time', async () => {
    const lines = [
      'ok 1 a # time=1.5ms',
      'ok 2 b # time=2s',
      'ok 3 c',
      '  ---',
      '  duration_ms: 0.25',
      '  ...',
      '1..3',
    ];
    const { suites } = await read(lines);
    expect(suites[0]?.cases.map(({ duration }) => duration)).toEqual([1.5, 2000, 0.25]);
  });

  test('its diagnostics: message, type and place, and the whole block', async () => {
    const result = await read([
      '1..1',
      'not ok 1 - a',
      '  ---',
      "  error: 'it''s wrong'",
      '  name: AssertionError',
      "  location: '/home/tester/a.js:7:3'",
      '  ...',
    ]);
    expect(onlyCase(result)).toMatchObject({
      file: '/home/tester/a.js',
      line: 7,
      failures: [
        { message: "it's wrong", type: 'AssertionError', text: expect.stringContaining('location:') },
      ],
    });
  });
});

describe('the plan', () => {
  test.each([
    ['before', ['1..2', 'ok 1', 'ok 2'], 'passed'],
    ['after', ['ok 1', 'ok 2', '1..2'], 'passed'],
    ['out of order', ['1..3', 'ok 3', 'ok 1', 'ok 2'], 'passed'],
    ['with all skipped', ['1..0 # SKIP no database'], 'passed'],
    ['missing', ['ok 1', 'ok 2'], 'error'],
    ['too many', ['1..1', 'ok 1', 'ok 2'], 'failed'],
    ['too few', ['1..3', 'ok 1', 'ok 2'], 'failed'],
    ['a number twice', ['1..2', 'ok 1', 'ok 1'], 'failed'],
    ['a number beyond', ['1..2', 'ok 1', 'ok 3'], 'failed'],
    ['twice', ['1..1', 'ok 1', '1..1'], 'failed'],
    ['and nothing', ['1..5'], 'failed'],
    ['for nothing', ['1..0'], 'error'],
    ['for nothing, yet a test', ['1..0', 'ok 1'], 'failed'],
  ])('%s', async (_what, lines, outcome) => {
    expect(wouldBe(await read(['TAP version 14', ...lines]))).toBe(outcome);
  });

  test('of several documents, one after the other', async () => {
    const result = await read([
      'TAP version 13',
      '1..1',
      'ok 1 a',
      'TAP version 13',
      'ok 1 b',
      'ok 2 c',
      '1..2',
    ]);
    expect(outline(result)).toEqual([
      'tests / - / a: passed',
      'tests / - / b: passed',
      'tests / - / c: passed',
    ]);
    expect(wouldBe(result)).toBe('passed');
  });

  test('bail out ends everything', async () => {
    const result = await read(['1..2', 'ok 1 a', 'Bail out! no disk', 'ok 2 b']);
    expect(outline(result)).toEqual(['tests / - / a: passed', 'tests / - / (bail out): failed']);
    expect(wouldBe(result)).toBe('failed');
  });

  test('bail out of a subtest, too', async () => {
    expect(wouldBe(await read(['1..1', '# Subtest: s', '    ok 1 a', '    Bail out!']))).toBe('failed');
  });
});

describe('subtests', () => {
  test.each([
    ['named before', ['# Subtest: s', '    ok 1 - a', '    1..1', 'ok 1 - s', '1..1']],
    ['named inside', ['    # Subtest: s', '    ok 1 - a', '    1..1', 'ok 1 - s', '1..1']],
    ['named after', ['    ok 1 - a', '    1..1', 'ok 1 - s', '1..1']],
    ['in braces', ['ok 1 - s {', '    ok 1 - a', '    1..1', '}', '1..1']],
  ])('%s', async (_what, lines) => {
    const result = await read(lines);
    expect(outline(result)).toEqual(['s / - / a: passed']);
    expect(wouldBe(result)).toBe('passed');
  });

  test('in subtests are known by the whole path', async () => {
    const result = await read([
      '# Subtest: s',
      '    # Subtest: t',
      '        ok 1 - a',
      '        1..1',
      '    ok 1 - t',
      '    1..1',
      'ok 1 - s',
      '1..1',
    ]);
    expect(outline(result)).toEqual(['s > t / - / a: passed']);
  });

  test.each([
    ['fails for its tests', ['    not ok 1 - a', '    1..1', 'not ok 1 - s'], ['s / - / a: failed']],
    [
      'fails by itself',
      ['    ok 1 - a', '    1..1', 'not ok 1 - s'],
      ['s / - / a: passed', 's / - / (suite): failed'],
    ],
    ['fails without tests', ['    1..0', 'not ok 1 - s'], ['tests / - / s: failed']],
    ['passes, though a test failed', ['    not ok 1 - a', '    1..1', 'ok 1 - s'], ['s / - / a: failed']],
    [
      'lacks a test',
      ['    ok 1 - a', '    1..2', 'ok 1 - s'],
      ['s / - / a: passed', 's / - / (plan): failed'],
    ],
    ['lacks its plan', ['    ok 1 - a', 'ok 1 - s'], ['s / - / a: passed', 's / - / (plan): failed']],
    ['may fail', ['    not ok 1 - a', '    1..1', 'not ok 1 - s # TODO later'], ['s / - / a: skipped']],
    ['skipped all', ['    1..0 # SKIP no db', 'ok 1 - s'], ['tests / - / s: skipped']],
  ])('that %s', async (_what, lines, expected) => {
    const result = await read([...lines, '1..1']);
    expect(outline(result)).toEqual(expected);
    expect(wouldBe(result)).toBe(expected.some((line) => line.endsWith('failed')) ? 'failed' : 'passed');
  });

  test('output that is indented or looks a little like TAP is noise', async () => {
    const lines = [
      'ok, starting',
      '1..2',
      '    at x.js:1',
      'ok 1 - a',
      '  {',
      'okay 7',
      '}',
      '      not ok 9',
      'ok 2 - b',
    ];
    const result = await read(lines);
    expect(outline(result)).toEqual(['tests / - / a: passed', 'tests / - / b: passed']);
    expect(wouldBe(result)).toBe('passed');
  });

  test('diagnostics without their end do not swallow what follows', async () => {
    const result = await read(['1..2', 'not ok 1 - a', '  ---', '  error: x', 'not ok 2 - b']);
    expect(outline(result)).toEqual(['tests / - / a: failed', 'tests / - / b: failed']);
  });
});

describe('limits, each of which is said', () => {
  test('subtests 10,000 deep', async () => {
    const lines = Array.from({ length: 10_000 }, (_, depth) => `${'    '.repeat(depth)}# Subtest: s`);
    const result = await read(lines);
    expect(result.complete).toBe(false);
    expect(result.problems).toEqual(['subtests are nested more than 200 deep; the rest was not read']);
  });

  test('tests', async () => {
    const lines = ['1..9', ...Array.from({ length: 9 }, (_, at) => `ok ${at + 1}`)];
    const result = await read(lines, { limits: { cases: 4 } });
    expect(outline(result)).toHaveLength(4);
    expect(result.problems).toEqual(['there are more than 4 tests; the rest was not read']);
    expect(wouldBe(result)).toBe('error');
  });

  test('documents', async () => {
    const result = await readAny('1..0\nTAP version 13\n'.repeat(1_000), { limits: { suites: 10 } });
    expect(result.problems).toEqual(['there are more than 10 suites; the rest was not read']);
    expect(wouldBe(result)).toBe('error');
  });

  test('a line', async () => {
    const result = await read(['1..1', `ok 1 ${'x'.repeat(5_000)}`], { limits: { unit: 1_000 } });
    expect(result.problems).toContain('a line is longer than 1000 characters and was cut');
    expect(wouldBe(result)).toBe('error');
  });

  test('diagnostics', async () => {
    const noise = Array.from({ length: 10_000 }, (_, at) => `  key${at}: |`);
    const result = await read(['1..1', 'not ok 1 - a', '  ---', ...noise, '  ...']);
    expect(onlyCase(result).failures?.[0]?.text?.length).toBeLessThan(70_000);
    expect(result.problems).toEqual(['the details of a failure was too long and lost its middle']);
  });
});

describe('what is cut off or broken', () => {
  const whole = [
    'TAP version 14',
    '1..3',
    '# Subtest: s',
    '    ok 1 - a',
    '      ---',
    '      duration_ms: 1',
    '      ...',
    '    ok 2 - b # SKIP no',
    '    1..2',
    'ok 1 - s # time=1ms',
    'ok 2 - t {',
    '    1..2',
    '    ok 1 - c',
    '    ok 2 - d',
    '}',
    'ok 3 - grösser',
    '',
  ].join('\n');

  test('whole it is a pass', async () => {
    expect(wouldBe(await readAny(whole))).toBe('passed');
  });

  test('cut at any byte it is none', async () => {
    const bytes = Buffer.from(whole);
    for (let length = 0; length < bytes.length; length++) {
      const result = await readAny(bytes.subarray(0, length), { chunk: 11, format: 'tap' });
      expect(wouldBe(result), `cut at ${length}`).not.toBe('passed');
    }
  });

  test('nor is it with the plan at its end', async () => {
    const bytes = Buffer.from('ok 1 - a\nnot ok 2 - b # TODO c\nok 3\n1..3\n');
    expect(wouldBe(await readAny(bytes))).toBe('passed');
    for (let length = 0; length < bytes.length; length++) {
      expect(
        wouldBe(await readAny(bytes.subarray(0, length), { format: 'tap' })),
        `cut at ${length}`,
      ).not.toBe('passed');
    }
  });

  const line = fc.oneof(
    fc.constantFrom(
      '1..3',
      '1..0',
      'ok',
      'not ok 2',
      'ok 1 - a {',
      '}',
      '# Subtest: x',
      '  ---',
      '  ...',
      'Bail out!',
    ),
    fc.constantFrom(
      'TAP version 14',
      'ok 1 # SKIP',
      'not ok # TODO',
      'error: |',
      'at:',
      'pragma +strict',
      '\u001b[2J',
    ),
    fc.string({ maxLength: 12 }),
  );
  const indented = fc.tuple(fc.integer({ min: 0, max: 12 }), line).map(([by, text]) => ' '.repeat(by) + text);

  test('no order of lines makes it throw, and none passes without a plan', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(indented, { maxLength: 30 }), async (lines) => {
        const result = await readAny(lines.join('\n'), { format: 'tap', chunk: 5 });
        if (!result.complete) expect(result.problems).not.toEqual([]);
        if (!lines.some((each) => each.includes('1..'))) expect(wouldBe(result)).not.toBe('passed');
      }),
      { numRuns: 1_000 },
    );
  });

  test('a test that fails is never lost by noise between the lines', async () => {
    const points = ['1..3', 'ok 1 - a', 'not ok 2 - b', 'ok 3 - c'];
    const noise = fc
      .string({ maxLength: 20 })
      .filter((text) => !/[\n\r]/.test(text) && !/^\s*(?:1\.\.|Bail|-)/i.test(text));
    await fc.assert(
      fc.asyncProperty(fc.array(noise, { minLength: 4, maxLength: 4 }), async (noises) => {
        const lines = points.flatMap((point, at) => [noises[at] ?? '', point]);
        expect(wouldBe(await read(lines))).not.toBe('passed');
      }),
      { numRuns: 500 },
    );
  });
});
