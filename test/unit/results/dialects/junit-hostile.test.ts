/** Files that were cut off, are broken, or mean harm. The rule: never an exception, never a silent pass. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onlyCase, outline, read, wouldBe } from '../read.ts';

const SAMPLE = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4">
  <testsuite name="größe" tests="3" time="1,234.5" timestamp="2026-11-21T09:30:00">
    <properties><property name="os" value="näive &amp; &#x41;"/></properties>
    <testcase name="a" classname="C" time="0.1"/>
    <testcase name="b €"><failure message="m&#10;n" type='T'><![CDATA[stack ]] > <x>]]></failure><system-out>o &lt; p</system-out></testcase>
    <!-- a comment -->
    <testcase name="c"><skipped/></testcase>
    <system-err>done</system-err>
  </testsuite>
  <testsuite name="t"><testcase name="d"/></testsuite>
</testsuites>
`;

describe('a file that is cut off', () => {
  const bytes = Buffer.from(SAMPLE);
  const end = SAMPLE.trimEnd();

  test('at any byte is never a pass and never whole', async () => {
    const cutPassed = Buffer.from(SAMPLE.replace(/<failure.*<\/failure>/s, ''));
    for (const whole of [bytes, cutPassed]) {
      for (let length = 0; length < whole.lastIndexOf('>'); length++) {
        const result = await read(whole.subarray(0, length), { chunk: 37 });
        expect(result, `cut at ${length}`).toMatchObject({ complete: false });
        expect(result.problems, `cut at ${length}`).not.toEqual([]);
        expect(wouldBe(result), `cut at ${length}`).not.toBe('passed');
      }
    }
    expect(wouldBe(await read(cutPassed))).toBe('passed');
  });

  test('keeps every case that ended before, and marks the one that had begun', async () => {
    const cut = SAMPLE.indexOf('stack');
    expect(outline(await read(SAMPLE.slice(0, cut + 3)))).toEqual([
      'größe / C / a: passed',
      'größe / - / b €: error',
    ]);
    expect(outline(await read(SAMPLE.slice(0, SAMPLE.indexOf('<!--'))))).toEqual([
      'größe / C / a: passed',
      'größe / - / b €: failed',
    ]);
  });

  test('what the unfinished case already said is kept', async () => {
    const result = await read('<testsuite><testcase name="a"><failure message="boom">half a st');
    expect(onlyCase(result).failures).toEqual([
      { message: 'boom', text: 'half a st' },
      { type: 'vmtest.incomplete', message: 'the result file ends before the end of this test' },
    ]);
  });

  test('a second document cut in its first tag', async () => {
    const result = await read(`${end}<testsui`);
    expect(outline(result)).toHaveLength(4);
    expect(result.complete).toBe(false);
  });
});

test('chunks of any size give the same result', async () => {
  const whole = await read(SAMPLE);
  expect(outline(whole)).toEqual([
    'größe / C / a: passed',
    'größe / - / b €: failed',
    'größe / - / c: skipped',
    't / - / d: passed',
  ]);
  for (let chunk = 1; chunk < 200; chunk++) expect(await read(SAMPLE, { chunk })).toEqual(whole);
});

describe('bytes that mean nothing', () => {
  const fragment = fc.constantFrom(
    ...[
      '<',
      '>',
      '/',
      '</',
      '"',
      "'",
      '&',
      ';',
      ']]>',
      '<![CDATA[',
      '<!--',
      '-->',
      '<!DOCTYPE a [',
      '<?xml',
      '?>',
    ],
    ...[
      'testsuite',
      'testsuites',
      'testcase',
      'failure',
      'skipped',
      ' name=',
      ' time=',
      ' tests=',
      'x',
      ' ',
      '\n',
    ],
    ...[
      '&#0;',
      '&#xD800;',
      '&#x110000;',
      '&lt;',
      '&lol;',
      '\x00',
      '\x1b[31m',
      '\ud800',
      '<testcase name="a"/>',
    ],
  );

  test('soup of markup never throws, and passes only with tests that are whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fragment, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        async (soup, chunk) => {
          const result = await read(soup.join(''), { chunk });
          if (wouldBe(result) === 'passed') expect(outline(result).length).toBeGreaterThan(0);
          if (!result.complete) expect(result.problems).not.toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('nor do random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect(await read(bytes)).toMatchObject({ complete: false });
      }),
    );
  });
});

describe('entities', () => {
  test('a billion laughs are refused, not told', async () => {
    const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
      '',
    );
    const result = await read(
      `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l0 "lol">${laughs}]><testsuite><testcase name="&l9;"/></testsuite>`,
    );
    expect(result.suites).toEqual([]);
    expect(result.complete).toBe(false);
    expect(result.problems).toEqual([expect.stringContaining('DTD')]);
  });

  test('files of the host are not read', async () => {
    const result = await read(
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>',
    );
    expect(JSON.stringify(result)).not.toContain('root:');
    expect(result.complete).toBe(false);
  });

  test('a declaration hidden behind a > in the document type', async () => {
    const result = await read(
      '<!DOCTYPE a SYSTEM "x>y" [<!ENTITY e "<testsuite><testcase name=\'forged\'/></testsuite>">]><testsuite/>',
    );
    expect(result).toMatchObject({ suites: [], complete: false });
  });

  test('undeclared ones stay as they are written', async () => {
    expect(onlyCase(await read('<testsuite><testcase name="&nbsp;&lol;"/></testsuite>')).name).toBe(
      '&nbsp;&lol;',
    );
  });
});

describe('limits, each of which is said', () => {
  const suiteOf = (inner: string) => `<testsuite name="s">${inner}</testsuite>`;

  test('depth', async () => {
    const deep = 10_000;
    const result = await read(
      `${'<testsuite name="n">'.repeat(deep)}<testcase name="a"/>${'</testsuite>'.repeat(deep)}`,
    );
    expect(result).toMatchObject({ suites: [], complete: false });
    expect(result.problems).toEqual(['elements are nested more than 200 deep; the rest was not read']);
  });

  test('cases, over all files of a cell', async () => {
    const result = await read(suiteOf('<testcase name="a"/>'.repeat(5)), { limits: { cases: 3 } });
    expect(outline(result)).toHaveLength(3);
    expect(result.complete).toBe(false);
    expect(result.problems).toEqual(['there are more than 3 tests; the rest was not read']);
  });

  test('errors of suites, which become cases', async () => {
    const result = await read(suiteOf('<error/>'.repeat(9)), { limits: { cases: 3 } });
    expect(outline(result)).toHaveLength(3);
    expect(result.problems).toEqual(['there are more than 3 tests; the rest was not read']);
  });

  test('suites, for a million empty ones are a million objects', async () => {
    const result = await read(
      `<testsuites>${'<testsuite/>'.repeat(5)}<testsuite><testcase name="a"/></testsuite></testsuites>`,
      {
        limits: { suites: 3 },
      },
    );
    expect(result).toMatchObject({
      suites: [],
      complete: false,
      problems: ['there are more than 3 suites; the rest was not read'],
    });
  });

  test('names of nested suites, each with all those above it', async () => {
    const depth = 100;
    const level = `<testsuite name="${'n'.repeat(100_000)}">`;
    const result = await read(
      `${level.repeat(depth)}${'<testsuite name="leaf"><testcase name="a"/></testsuite>'.repeat(10_000)}`,
    );
    expect(outline(result)).toHaveLength(10_000);
    expect(result.suites.every(({ name }) => name.length === 2_000)).toBe(true);
  });

  test('bytes', async () => {
    const result = await read(suiteOf('<testcase name="a"/>'.repeat(100)), {
      limits: { bytes: 100 },
      chunk: 30,
    });
    expect(outline(result)).toHaveLength(4);
    expect(result.complete).toBe(false);
    expect(result.problems[0]).toBe('the file is longer than 100 bytes; the rest was not read');
  });

  test('a file of exactly as many bytes is whole', async () => {
    const text = suiteOf('<testcase name="a"/>');
    expect(await read(text, { limits: { bytes: text.length } })).toMatchObject({
      complete: true,
      problems: [],
    });
  });

  test('an attribute of 10 MB', async () => {
    const result = await read(suiteOf(`<testcase name="${'n'.repeat(10_000_000)}"/>`));
    expect(onlyCase(result).name).toHaveLength(2_000);
    expect(result).toMatchObject({
      complete: true,
      problems: ['a name was longer than 2000 characters and was cut'],
    });
  });

  test('output: head and tail are kept', async () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `line ${i}`).join('\n');
    const result = await read(suiteOf(`<testcase name="a"><system-out>${lines}</system-out></testcase>`), {
      limits: { caseOutput: 100 },
    });
    expect(onlyCase(result).stdout).toMatch(/^line 0\n.*characters left out.*line 9999\n$/s);
    expect(result.problems).toEqual(['the output of a test was too long and lost its middle']);
  });

  test('failures and properties', async () => {
    const failures = '<failure message="f"/>'.repeat(30);
    const properties = Array.from({ length: 30 }, (_, i) => `<property name="${i}" value=""/>`).join('');
    const result = await read(
      suiteOf(`<properties>${properties}</properties><testcase name="a">${failures}</testcase>`),
      {
        limits: { failures: 2, properties: 3 },
      },
    );
    expect(onlyCase(result).failures).toHaveLength(2);
    expect(Object.keys(result.suites[0]?.properties ?? {})).toHaveLength(3);
    expect(result.problems).toEqual([
      'more than 3 properties; the rest was left out (27 times)',
      'a test has more than 2 failures; the rest was left out (28 times)',
    ]);
  });

  test('all text of a cell together', async () => {
    const cases = Array.from(
      { length: 50 },
      (_, i) => `<testcase name="${i}"><system-out>${'x'.repeat(1_000)}</system-out></testcase>`,
    );
    const result = await read(suiteOf(cases.join('')), { limits: { total: 10_000 } });
    const kept = JSON.stringify(result.suites).length;
    expect(outline(result)).toHaveLength(50);
    expect(kept).toBeLessThan(10_000 + 50 * 300);
    expect(result.problems).toEqual([
      expect.stringMatching(
        /^a text was cut, for the results hold more than 10000 characters \(\d+ times\)$/,
      ),
    ]);
  });

  test('things beside the text, once that is used up', async () => {
    const properties = Array.from({ length: 400 }, (_, i) => `<property name="p${i}" value=""/>`).join('');
    const text = suiteOf(
      `<properties>${properties}</properties><testcase name="a"><failure message="1"/><failure message="2"/></testcase>`,
    );
    const result = await read(text, { limits: { total: 1_000 } });
    expect(Object.keys(result.suites[0]?.properties ?? {}).length).toBeLessThan(30);
    expect(onlyCase(result).failures).toEqual([{ message: '1' }]);
    expect(result.problems).toEqual([
      expect.stringMatching(
        /^details were left out, for the results hold more than 1000 characters \(\d+ times\)$/,
      ),
    ]);
  });

  test('the list of problems itself', async () => {
    const suites = Array.from(
      { length: 200 },
      (_, i) => `<testsuite name="${i}" tests="5"><testcase name="a"/></testsuite>`,
    );
    const { problems } = await read(`<testsuites>${suites.join('')}</testsuites>`);
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)).toBe('and 150 more problems');
  });
});

test('control characters and ANSI are made visible or removed, in every field', async () => {
  const evil = '\x1b[31mred\x1b[0m\x00\x07\x1b]0;t\x07';
  const result = await read(
    `<testsuite name="${evil}"><testcase name="${evil}" classname="${evil}"><failure message="${evil}" type="${evil}">${evil}</failure><system-out>${evil}&#27;[2J</system-out></testcase></testsuite>`,
  );
  expect(JSON.stringify(result)).not.toMatch(/\\u00|\\b/);
  expect(onlyCase(result)).toEqual({
    name: 'red␀␇',
    classname: 'red␀␇',
    status: 'failed',
    failures: [{ message: 'red␀␇', type: 'red␀␇', text: 'red␀␇' }],
    stdout: 'red␀␇\n',
  });
});

test('names of JavaScript are names like any other', async () => {
  const result = await read(
    '<testsuite name="__proto__"><constructor/><testcase name="constructor" classname="__proto__" __proto__="x" hasOwnProperty="y"/></testsuite>',
  );
  expect(outline(result)).toEqual(['__proto__ / __proto__ / constructor: passed']);
});
