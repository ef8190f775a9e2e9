import { describe, expect, it } from 'vitest';
import { keepsSource, loadDocument } from '../../../matrix/load.ts';
import { faults, file, matrixOf } from './support.ts';

function value(text: string): unknown {
  const loaded = loadDocument(text, 'vmtest.yml');
  if (loaded.problems) throw new Error(JSON.stringify(loaded.problems));
  return loaded.document.value;
}

describe('source text', () => {
  const scalars = [
    '3.10',
    '1e3',
    '0x10',
    '0o17',
    'yes',
    'True',
    '2024-01-01',
    'null',
    '~',
    '.inf',
    '007',
    '+1',
    '1_000',
  ];

  it.each(scalars)('keeps %s in axes, include, vars and test.env', (scalar) => {
    const text = `version: 1
vars: { v: ${scalar} }
targets: { t: { engine: fake } }
matrix:
  axis: [${scalar}]
  map: [{ inner: ${scalar} }]
  include: [{ extra: ${scalar} }]
test: { run: x, env: { A: ${scalar}, B: "\${{ vars.v }}", C: "\${{ matrix.map.inner }}" } }`;
    const [cell] = matrixOf(text).cells;
    expect(cell?.values).toEqual({ axis: scalar, map: JSON.stringify({ inner: scalar }), extra: scalar });
    expect(cell?.test.env).toMatchObject({ A: scalar, B: scalar, C: scalar, VMTEST_AXIS: scalar });
    expect(cell?.id).toBe(`t/axis=${scalar}/map=${JSON.stringify({ inner: scalar })}`);
  });

  it('also matches by source text', () => {
    const text = file(
      'matrix: { version: [3.1, 3.10, "20"], exclude: [{ version: 3.10 }, { version: 20 }] }',
    );
    expect(matrixOf(text).cells.map(({ values }) => values['version'])).toEqual(['3.1']);
  });

  it('ends at the sections that keep it', () => {
    expect(value('vars: { a: 1.0 }\nother: 1.0')).toEqual({ vars: { a: '1.0' }, other: 1 });
    expect(keepsSource(['test', 'timeout'])).toBe(false);
    expect(keepsSource(['targets', 't', 'with', 'version'])).toBe(true);
    expect(keepsSource(['targets', 't', 'cpus'])).toBe(false);
  });

  it('takes quoted and block texts as they are meant', () => {
    expect(value("vars: { a: \"\\t1.0\", b: 'it''s' }\nmatrix: { c: [!!str 1.0] }")).toEqual({
      vars: { a: '\t1.0', b: "it's" },
      matrix: { c: ['1.0'] },
    });
  });

  it('says where a value is missing', () => {
    expect(faults(file('matrix: { a: [1, ], b: [{ x: }], include: [{ c: }] }\nvars: { d: }'))).toEqual([
      '4:30 a value is missing here',
      '4:49 a value is missing here',
      '5:12 `vars.d` must be a single value, not empty',
    ]);
  });
});

describe('forms of text', () => {
  const text = 'version: 1\ntargets: { t: { engine: fake } }\ntest: { run: x, timeout: soon }\n';

  it('gives the same places with a byte order mark and CRLF', () => {
    const expected = [
      '3:26 `test.timeout` must be a time span such as `500ms`, `90s`, `15m` or `1h30m`, not "soon"',
    ];
    expect(faults(text)).toEqual(expected);
    expect(faults(`\uFEFF${text}`)).toEqual(expected);
    expect(faults(text.replaceAll('\n', '\r\n'))).toEqual(expected);
  });

  it('keeps no carriage return in block texts', () => {
    const crlf = text
      .replace('{ run: x, timeout: soon }', '\n  run: |\n    one\n    two')
      .replaceAll('\n', '\r\n');
    expect(matrixOf(crlf).cells[0]?.test.run).toBe('one\ntwo\n');
  });

  it.each([
    ['', '1:1 the file is empty'],
    ['\n# only a comment\n', '1:1 the file is empty'],
    ['---\n', '1:1 the file is empty'],
    ['null', '1:1 the file is empty'],
    ['- version: 1', '1:1 expected keys with values (`version: 1` and so on)'],
    ['version', '1:1 expected keys with values (`version: 1` and so on)'],
    ['a: b\0', '1:5 the control character U+0000 cannot stand in a matrix file'],
    ['a: b\n# \x1b[31m', '2:3 the control character U+001B cannot stand in a matrix file'],
    ['%YAML 1.1\n---\nversion: 1', '1:1 matrix files are YAML 1.2'],
    ['version: 1\n---\nversion: 1', '2:1 a second YAML document begins here'],
    ['version: 1\n...\nversion: 1', '3:1 a second YAML document begins here'],
    ['__proto__: { a: 1 }', '1:1 `__proto__` cannot be a key'],
    ['? [a, b]\n: 1', '1:3 a key must be plain text'],
    ['a: !include other.yml', '1:4 the tag `!include` is not supported (YAML)'],
    ['a: !!binary aGk=', '1:13 the tag `!!binary` is not supported (YAML)'],
    ['a: "\\0"', '1:4 a text cannot contain the character U+0000'],
    ['a: "\\q"', '1:5 unknown escape `\\q` in a quoted text (YAML)'],
    ['a: "open', '1:9 a closing `"` is missing (YAML)'],
    ["a: 'it's'", '1:8 unexpected text after the end of a value (YAML)'],
    ['a: {b: 1\nc: 2', '2:1 a closing `}` is missing, or stands too far left (YAML)'],
    ['a:\n  - 1\n b: 2', '3:2 this line is indented unlike the lines above it (YAML)'],
    ['a: 1\nb\nc: 2', '2:1 expected `key: value` (YAML)'],
    ['a: ["1" "2"]', '1:9 a comma is missing between two items (YAML)'],
    ['a: *missing', '1:4 no anchor is called `missing` (YAML)'],
    ['a: &a [*a]', '1:8 the alias `*a` contains itself'],
    ['a: &a { <<: *a }', '1:13 `<<` needs the alias of another map, or a list of them'],
    ['a: { <<: 1 }', '1:10 `<<` needs the alias of another map, or a list of them'],
    ['a: 1\na: 2', '2:1 the key `a` appears twice in one map'],
    ['3.1: 1\n3.10: 2\n3.1: 3', '3:1 the key `3.1` appears twice in one map'],
  ])('%j', (wrong, problem) => {
    expect(faults(wrong)).toEqual([problem]);
  });

  it('says all YAML errors together', () => {
    expect(faults('a: @x\nb: *nowhere\nc: 1\nc: 2\nd: x: y')).toEqual([
      '1:4 a value cannot begin with `@` (YAML)',
      '2:4 no anchor is called `nowhere` (YAML)',
      '4:1 the key `c` appears twice in one map',
      '5:4 a second `: ` in one line (YAML)',
    ]);
  });
});

describe('aliases and merge keys', () => {
  it('follows aliases, also from typed to source text', () => {
    expect(value('memory: &m 0x10\nvars: { m: *m }\nagain: *m')).toEqual({
      memory: 16,
      vars: { m: '0x10' },
      again: 16,
    });
  });

  it('takes the last anchor before the alias', () => {
    expect(value('a: &x one\nb: *x\nc: &x two\nd: *x')).toEqual({ a: 'one', b: 'one', c: 'two', d: 'two' });
  });

  it('merges: written keys win, then earlier maps', () => {
    const text = 'a: &a { x: 1, y: 1 }\nb: &b { y: 2, z: 2 }\nc: { <<: [*a, *b], x: 0 }\nd: { x: 0, <<: *a }';
    expect(value(text)).toMatchObject({ c: { x: 0, y: 1, z: 2 }, d: { x: 0, y: 1 } });
  });

  it('leaves a quoted << alone', () => {
    expect(value('a: { "<<": 1 }')).toEqual({ a: { '<<': 1 } });
  });

  it('shares settings between targets, and points at them', () => {
    const text = `version: 1
targets:
  one: &linux
    engine: fake
    cpus: 2
    guest: { port: 70000 }
  two:
    <<: *linux
    cpus: 4
test: { run: x }`;
    const message = 'must be a whole number from 1 to 65535, not the number 70000';
    expect(faults(text)).toEqual([
      `6:20 \`targets.one.guest.port\` ${message}`,
      `6:20 \`targets.two.guest.port\` ${message}`,
    ]);
    const { targets } = matrixOf(text.replace('70000', '7000'));
    expect([targets['one']?.cpus, targets['two']?.cpus, targets['two']?.guest.port]).toEqual([2, 4, 7000]);
  });
});

describe('bounds', () => {
  const megabyte = 1024 * 1024;
  /** Ten levels, each naming the one before nine times. */
  const bomb = (first: string, level: (names: string) => string) =>
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
      .map((name, index, all) => {
        const names = Array(9)
          .fill(`*${all[index - 1]}`)
          .join(', ');
        return `${name}: &${name} ${index === 0 ? first : level(names)}`;
      })
      .join('\n');

  const variables = Array.from({ length: 400 }, (_, index) => `variable${index}: 1`).join(', ');
  const lookups = Array.from({ length: 30_000 }, (_, index) => `$\{{ vars.wrong${index} }}`).join('');

  it.each([
    [
      'a bomb of aliases',
      bomb('[x, x]', (names) => `[${names}]`),
      'the file stands for more than 200000 values',
    ],
    [
      'a bomb of merges',
      bomb('{ x: 1 }', (names) => `{ <<: [${names}] }`),
      'the file stands for more than 200000 values',
    ],
    ['brackets', '['.repeat(megabyte), 'this is nested too deeply for a matrix file'],
    ['braces', '{'.repeat(megabyte), 'this is nested too deeply for a matrix file'],
    ['dashes', '- '.repeat(megabyte / 2), 'this is nested too deeply for a matrix file'],
    ['question marks', '? '.repeat(megabyte / 2), 'this is nested too deeply for a matrix file'],
    ['colons', ': '.repeat(megabyte / 2), ''],
    [
      'chained aliases',
      Array.from(
        { length: 200 },
        (_, index) => `k${index}: &a${index} [[${index ? `*a${index - 1}` : ''}]]`,
      ).join('\n'),
      'this is nested too deeply for a matrix file, aliases followed',
    ],
    ['errors on one line', `[${'"a" '.repeat(60_000)}]`, 'a comma is missing between two items (YAML)'],
    ['wrong look-ups', `vars: { ${variables} }\nfail-fast: "${lookups}"`, '`vars.wrong0` is not defined'],
    ['commas', `[${','.repeat(megabyte)}`, 'the file has more than 250000 YAML tokens'],
    ['quotes', '"'.repeat(megabyte), ''],
    ['half quotes', "'\n".repeat(megabyte / 2), ''],
    ['closing braces', '}\n'.repeat(megabyte / 2), 'the file has more than 250000 YAML tokens'],
    ['documents', '---\na\n'.repeat(megabyte / 6), 'a second YAML document begins here'],
    ['tags', '- !x y\n'.repeat(megabyte / 8), 'the file has more than 250000 YAML tokens'],
    ['aliases of nothing', '- *b\n'.repeat(megabyte / 8), ''],
    ['tabs', '\ta: b\n'.repeat(megabyte / 8), ''],
    [
      'unknown keys',
      Array.from({ length: 30_000 }, (_, index) => `k${index}: 1`).join('\n'),
      'unknown key `k0`',
    ],
    ['equal keys', 'k: 1\n'.repeat(30_000), 'the key `k` appears twice in one map'],
    ['spaces', ' '.repeat(megabyte), 'the file is empty'],
    ['one long line', `a: ${'x'.repeat(megabyte)}`, 'unknown key `a`'],
  ])('%s end in problems', (_, text, message) => {
    const found = faults(text);
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).toContain(message);
  });
});
