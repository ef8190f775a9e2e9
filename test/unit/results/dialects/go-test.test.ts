import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onlyCase, outline, read as readAny, wouldBe } from '../read.ts';

type Event = Readonly<Record<string, unknown>>;

/** Of the package `p`, unless it says otherwise. */
const lines = (...events: readonly (Event | string)[]): string =>
  events
    .map((event) => (typeof event === 'string' ? event : JSON.stringify({ Package: 'p', ...event })))
    .map((line) => `${line}\n`)
    .join('');
const read = (...events: readonly (Event | string)[]) => readAny(lines(...events));

const run = (Test: string): Event => ({ Action: 'run', Test });
const end = (Test: string, Action = 'pass'): Event => ({ Action, Test, Elapsed: 0.5 });
const says = (Output: string, Test?: string): Event => ({
  Action: 'output',
  Output,
  ...(Test ? { Test } : {}),
});
const passes: Event = { Action: 'pass', Elapsed: 1 };
const fails: Event = { Action: 'fail', Elapsed: 1 };

describe('a test', () => {
  test.each([
    ['pass', 'passed'],
    ['bench', 'passed'],
    ['fail', 'failed'],
    ['skip', 'skipped'],
  ])('%s', async (action, status) => {
    const result = await read(run('T'), end('T', action), action === 'fail' ? fails : passes);
    expect(onlyCase(result)).toMatchObject({ name: 'T', classname: 'p', status, duration: 500 });
    expect(wouldBe(result)).toBe(status === 'failed' ? 'failed' : 'passed');
  });

  test('its failure is what it said, without the frame around', async () => {
    const result = await read(
      run('T'),
      says('=== RUN   T\n', 'T'),
      says('starting\n', 'T'),
      says('    t_test.go:7: got 1\n', 'T'),
      says('        want 2\n', 'T'),
      says('--- FAIL: T (0.00s)\n', 'T'),
      end('T', 'fail'),
      fails,
    );
    expect(onlyCase(result).failures).toEqual([
      { message: 't_test.go:7: got 1', text: 'starting\n    t_test.go:7: got 1\n        want 2' },
    ]);
  });

  test('its reason to be skipped, and its attributes', async () => {
    const result = await read(
      run('T'),
      { Action: 'attr', Test: 'T', Key: '__proto__', Value: 'x' },
      says('    t_test.go:7: no kvm\n', 'T'),
      end('T', 'skip'),
      passes,
    );
    expect(onlyCase(result).skipReason).toBe('no kvm');
    expect(Object.entries(onlyCase(result).properties ?? {})).toEqual([['__proto__', 'x']]);
  });

  test('without an end broke when its package ends', async () => {
    const result = await read(run('T'), run('U'), end('U'), passes);
    expect(outline(result)).toEqual(['p / p / U: passed', 'p / p / T: error']);
    expect(wouldBe(result)).toBe('failed');
  });

  test('without an end is unfinished when the file ends', async () => {
    const result = await read(run('T'));
    expect(result.complete).toBe(false);
    expect(wouldBe(result)).toBe('error');
  });

  test('names that differ only far beyond the limit are two tests', async () => {
    const name = 'n'.repeat(10_000);
    const result = await read(
      run(`${name}1`),
      end(`${name}1`, 'fail'),
      run(`${name}2`),
      end(`${name}2`),
      fails,
    );
    expect(result.suites[0]?.cases.map(({ status }) => status)).toEqual(['failed', 'passed']);
  });
});

describe('several ends of a test are attempts', () => {
  test('failed, then passed in another run of the package (gotestsum)', async () => {
    const result = await read(
      run('T'),
      says('    t_test.go:1: slow\n', 'T'),
      end('T', 'fail'),
      fails,
      run('T'),
      end('T'),
      passes,
    );
    expect(onlyCase(result)).toMatchObject({ status: 'passed', reruns: [{ message: 't_test.go:1: slow' }] });
    expect(wouldBe(result)).toBe('passed');
  });

  test('failed, then passed, and yet the package failed (-count)', async () => {
    const result = await read(run('T'), end('T', 'fail'), run('T'), end('T'), fails);
    expect(outline(result)).toEqual(['p / p / T: passed', 'p / p / (package): failed']);
  });

  test('passed, then failed', async () => {
    const result = await read(run('T'), end('T'), run('T'), end('T', 'fail'), fails);
    expect(onlyCase(result).status).toBe('failed');
  });

  test('a rerun that is cut off is no pass', async () => {
    const result = await read(run('T'), end('T', 'fail'), fails, run('T'), end('T'));
    expect(wouldBe(result)).toBe('error');
  });
});

describe('a package', () => {
  test.each([
    ['panics in its init', [says('panic: no database\n'), fails], '(package)', 'panic: no database'],
    [
      'has a data race',
      [run('T'), end('T'), says('WARNING: DATA RACE\n'), fails],
      '(package)',
      'the package failed, but none of its tests',
    ],
    [
      'does not build',
      [
        { Action: 'build-output', ImportPath: 'p [p.test]', Output: './p.go:3:2: undefined: x\n' },
        { Action: 'build-fail', ImportPath: 'p [p.test]' },
        { ...fails, FailedBuild: 'p [p.test]' },
      ],
      '(build)',
      './p.go:3:2: undefined: x',
    ],
  ])('that %s fails, with its output', async (_what, events, name, message) => {
    const result = await read(...(events as Event[]));
    const found = result.suites.flatMap(({ cases }) => cases).find((each) => each.name === name);
    expect(found?.failures?.[0]?.message).toBe(message);
    expect(wouldBe(result)).toBe('failed');
  });

  test('a build that fails without a package is told', async () => {
    const result = await readAny(
      lines(run('T'), end('T'), passes) +
        '{"ImportPath":"q","Action":"build-output","Output":"q.go:1: no"}\n{"ImportPath":"q","Action":"build-fail"}\n',
    );
    expect(outline(result)).toEqual(['p / p / T: passed', 'q / - / (build): error']);
  });

  test('without an end is cut off', async () => {
    expect(wouldBe(await read(run('T'), end('T')))).toBe('error');
  });

  test('without tests is none (go vet, no test files)', async () => {
    const result = await read({ Action: 'start' }, { Action: 'skip' });
    expect(wouldBe(result)).toBe('error');
    expect(result.problems).toEqual(['the file holds no tests (read as go test -json)']);
  });

  test('packages that interleave are kept apart', async () => {
    const q = { Package: 'q' };
    const result = await read(
      run('T'),
      { ...run('T'), ...q },
      end('T'),
      { ...end('T', 'fail'), ...q },
      passes,
      {
        ...fails,
        ...q,
      },
    );
    expect(outline(result)).toEqual(['p / p / T: passed', 'q / q / T: failed']);
  });
});

describe('lines in between', () => {
  test('are noise, also when they begin with a brace', async () => {
    const result = await read(
      'go: downloading',
      run('T'),
      '{not json}',
      '[1]',
      '{"json": true}',
      '',
      end('T'),
      passes,
    );
    expect(wouldBe(result)).toBe('passed');
    expect(result.problems).toEqual([]);
  });

  test('an event that is broken is missed', async () => {
    const result = await read(run('T'), end('T'), '{"Action":"fail","Package":"p","Test":', passes);
    expect(result.problems).toEqual(['an event is not valid JSON and was left out']);
    expect(wouldBe(result)).toBe('error');
  });

  test('values of the wrong type are none', async () => {
    const result = await read(
      run('T'),
      { ...end('T'), Elapsed: 'soon' },
      { Action: 7 },
      { Action: 'pass', Test: ['T'] },
    );
    expect(onlyCase(result)).not.toHaveProperty('duration');
  });
});

describe('limits, each of which is said', () => {
  test('an event', async () => {
    const events = lines(run('T'), says('x'.repeat(50_000), 'T'), end('T'), passes);
    const result = await readAny(events, { limits: { unit: 10_000 } });
    expect(result.problems).toEqual(['an event is longer than 10000 characters and was left out']);
    expect(wouldBe(result)).toBe('error');
  });

  test('the output of tests that run at once', async () => {
    const open = Array.from({ length: 100 }, (_, at) => [
      run(`T${at}`),
      says('x'.repeat(1_000), `T${at}`),
    ]).flat();
    const ends = Array.from({ length: 100 }, (_, at) => end(`T${at}`));
    const result = await readAny(lines(...open, ...ends, passes), { limits: { openOutput: 20_000 } });
    const kept = result.suites.flatMap(({ cases }) => cases).filter(({ stdout }) => stdout !== undefined);
    expect(kept).toHaveLength(20);
    expect(result.problems).toEqual([
      'output was left out, for what runs at once holds more than 20000 characters (80 times)',
    ]);
    expect(wouldBe(result)).toBe('passed');
  });

  test('tests and packages', async () => {
    const many = Array.from({ length: 9 }, (_, at) => end(`T${at}`));
    const tests = await readAny(lines(...many, passes), { limits: { cases: 4 } });
    expect(outline(tests)).toHaveLength(4);
    expect(tests.problems[0]).toBe('there are more than 4 tests; the rest was not read');
    expect(wouldBe(tests)).toBe('error');
    const packages = Array.from({ length: 9 }, (_, at) => ({ ...passes, Package: `p${at}` }));
    const other = await readAny(lines(...packages), { limits: { suites: 4 } });
    expect(other.problems[0]).toBe('there are more than 4 suites; the rest was not read');
  });
});

describe('what is cut off or broken', () => {
  test('cut at any byte, it is no pass', async () => {
    const bytes = Buffer.from(
      lines({ Action: 'start' }, run('Größe'), says('a\n', 'Größe'), end('Größe'), passes),
    );
    expect(wouldBe(await readAny(bytes))).toBe('passed');
    for (let length = 0; length < bytes.length - 1; length++) {
      const result = await readAny(bytes.subarray(0, length), { chunk: 13, format: 'go-test' });
      expect(wouldBe(result), `cut at ${length}`).not.toBe('passed');
    }
  });

  const text = fc.constantFrom('p', 'q', 'T', 'U/v', '', '__proto__', 'ok\n');
  const event = fc.record(
    {
      Action: fc.constantFrom(
        'start',
        'run',
        'pause',
        'cont',
        'pass',
        'fail',
        'skip',
        'bench',
        'output',
        'build-fail',
        'x',
      ),
      Package: text,
      Test: fc.oneof(text, fc.anything()),
      Output: fc.oneof(text, fc.anything()),
      Elapsed: fc.oneof(fc.double(), fc.anything()),
      ImportPath: text,
      FailedBuild: text,
    },
    { requiredKeys: ['Action'] },
  );
  const line = fc.oneof({ weight: 4, arbitrary: event.map(toJson) }, fc.string({ maxLength: 20 }), fc.json());

  test('no order of events makes it throw, and a package that fails last never passes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (events) => {
        const content = [...events, JSON.stringify({ Action: 'fail', Package: 'last' }), ''].join('\n');
        const result = await readAny(content, { format: 'go-test', chunk: 9 });
        expect(wouldBe(result)).not.toBe('passed');
        if (!result.complete) expect(result.problems).not.toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Whatever JSON cannot hold is left out of an event. */
function toJson(event: object): string {
  return JSON.stringify(event, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
