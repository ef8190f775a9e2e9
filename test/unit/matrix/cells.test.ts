// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisVariable, cellId, slugs } from '../../../matrix/cell-id.ts';
import { faults, file, firstCell, matrixOf } from './support.ts';

describe('ids', () => {
  it('are the target, then axes and values', () => {
    expect(cellId('debian-12', [])).toBe('debian-12');
    expect(
      cellId('debian-12', [
        ['node', '3.10'],
        ['arch', 'arm64'],
      ]),
    ).toBe('debian-12/node=3.10/arch=arm64');
  });

  it('are one line of printable text', () => {
    expect(cellId('t', [['a', 'one\ntwo\t\x1b[31m\x7f\u2028']])).toBe(
      't/a=one\\ntwo\\t\\u001b[31m\\u007f\\u2028',
    );
  });

  it('of an include are all that it says, axes first', () => {
    const matrix = 'matrix: { a: [1], b: [2], include: [{ z: 9, b: 3, a: 1 }, { y: 8 }] }';
    expect(matrixOf(file(matrix)).cells.map(({ id }) => id)).toEqual(['t/a=1/b=2', 't/a=1/b=3/z=9']);
  });

  it('may not be equal', () => {
    expect(faults(file('matrix:\n  include:\n    - { a: 1 }\n    - { a: 1 }'))).toEqual([
      '7:7 a second cell would be called `t/a=1`',
    ]);
    expect(faults(file('matrix: { a: [x, x/b=1], b: [2, 1/b=2] }'))).toEqual([
      '4:1 a second cell would be called `t/a=x/b=1/b=2`',
    ]);
  });
});

describe('slugs', () => {
  it.each([
    ['debian-12/node=22', 'debian-12_node-22'],
    ['debian-12/node=3.10/arch=x86_64', 'debian-12_node-3-10_arch-x86_64'],
    ['Ubuntu-22.04', 'ubuntu-22-04'],
    ['t/a=../../etc/passwd', 't_a-_-_etc_passwd'],
    ['t/a=', 't_a-'],
  ])('%s', (id, slug) => {
    expect(slugs([id])).toEqual([slug]);
  });

  it('take a hash where two would be equal, a name is reserved, or too long', () => {
    const [one, two] = slugs(['t/v=3.1', 't/v=3-1']);
    expect(one).toMatch(/^t_v-3-1-[0-9a-f]{8}$/);
    expect(two).toMatch(/^t_v-3-1-[0-9a-f]{8}$/);
    expect(slugs(['con', 'lpt1'])).toEqual([
      expect.stringMatching(/^con-\w{8}$/),
      expect.stringMatching(/^lpt1-\w{8}$/),
    ]);
    expect(slugs([`t/v=${'x'.repeat(500)}`])[0]).toHaveLength(100);
  });

  it('are safe, unique and independent of order, whatever the ids', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom('a', 'A', '.', '-', '/', '=') }),
    );
    const ids = fc.uniqueArray(
      text.map((value) => `t/a=${value}`),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(ids, (list) => {
        const made = slugs(list);
        expect(new Set(made).size).toBe(list.length);
        for (const slug of made) expect(slug).toMatch(/^[a-z0-9_-]{1,100}$/);
        expect(slugs([...list].reverse()).reverse()).toEqual(made);
      }),
    );
  });

  it('stay unique when a plain one looks like a hashed one', () => {
    const [hashed = ''] = slugs(['t/v=3.1', 't/v=3-1']);
    const made = slugs(['t/v=3.1', 't/v=3-1', hashed]);
    expect(new Set(made).size).toBe(3);
  });
});

describe('environment of a cell', () => {
  it('has every axis and included key', () => {
    expect(axisVariable('node-version')).toBe('VMTEST_NODE_VERSION');
    const matrix = 'matrix: { node-version: [3.10], os: [{ a: 1 }], include: [{ Extra: x }] }';
    expect(firstCell(file(matrix)).test.env).toEqual({
      VMTEST_NODE_VERSION: '3.10',
      VMTEST_OS: '{"a":"1"}',
      VMTEST_EXTRA: 'x',
      VMTEST_TARGET: 't',
      VMTEST_CELL: 't/node-version=3.10/os={"a":"1"}',
    });
  });

  it.each([
    ['matrix: { a-b: [1], a_b: [1] }', '4:21 `a_b` becomes `VMTEST_A_B`, which is that of `a-b`'],
    ['matrix: { a: [1], include: [{ A: 1 }] }', '4:31 `A` becomes `VMTEST_A`, which is that of `a`'],
    ['matrix: { cell: [1] }', '4:11 `cell` becomes `VMTEST_CELL`, which is that of vmtest itself'],
    ['matrix: { Target: [1] }', '4:11 `Target` becomes `VMTEST_TARGET`, which is that of vmtest itself'],
  ])('%s', (matrix, problem) => {
    expect(faults(file(matrix))).toEqual([problem]);
  });

  it('may not be set by hand', () => {
    const test = 'version: 1\ntargets: { t: { engine: fake } }\nmatrix: { a: [1] }\n';
    expect(faults(`${test}test: { run: x, env: { VMTEST_A: 1, VMTEST_CELL: 1, VMTEST_OTHER: 1 } }`)).toEqual([
      '4:24 vmtest sets `VMTEST_A` itself',
      '4:37 vmtest sets `VMTEST_CELL` itself',
    ]);
  });
});

describe('the test of a cell', () => {
  const targets =
    'targets: { lin: { engine: fake }, win: { engine: fake, os: windows }, mac: { engine: fake, os: macos } }';
  const withTest = (test: string, rest = '') => `version: 1\n${targets}\ntest: ${test}\n${rest}`;

  it('has defaults', () => {
    expect(
      matrixOf(withTest('{ run: x }')).cells.map(({ test }) => [test.shell, test.cwd, test.results]),
    ).toEqual([
      ['sh', 'vmtest', []],
      ['powershell', 'vmtest', []],
      ['sh', 'vmtest', []],
    ]);
    const { test, timeouts, continueOnError } = firstCell(withTest('{ run: x, upload: {} }'));
    expect(test.upload).toEqual({ from: '/project', to: 'vmtest', exclude: [], gitignore: true });
    expect(timeouts).toEqual({
      prepare: 600_000,
      restore: 60_000,
      boot: 60_000,
      connect: 120_000,
      upload: 300_000,
      setup: 600_000,
      run: 900_000,
      collect: 120_000,
      release: 30_000,
    });
    expect(continueOnError).toBe(false);
  });

  it('chooses by guest os', () => {
    const test =
      '{ run: { windows: w, default: d }, setup: { macos: m }, shell: { windows: pwsh, default: bash } }';
    expect(
      matrixOf(withTest(test)).cells.map(({ test: { run, setup, shell } }) => [run, setup, shell]),
    ).toEqual([
      ['d', undefined, 'bash'],
      ['w', undefined, 'pwsh'],
      ['d', 'm', 'bash'],
    ]);
    expect(faults(withTest('{ run: { windows: w, linux: l } }'))).toEqual([
      '3:9 `test.run` has nothing for `macos`, the system of the target `mac`',
    ]);
  });

  it('lets a target override deadlines of the file, and of the test', () => {
    const text = `version: 1
targets: { t: { engine: fake, timeouts: { boot: 3s, run: 4s } } }
timeouts: { boot: 1s, setup: 2s }
test: { run: x, timeout: 5s }`;
    expect(firstCell(text).timeouts).toMatchObject({ boot: 3000, run: 4000, setup: 2000, restore: 60_000 });
    expect(firstCell(text.replace(', run: 4s', '')).timeouts.run).toBe(5000);
  });

  it('takes the longest silence from the test, the target, or an empty look-up', () => {
    const idle = (test: string, target = '') =>
      matrixOf(`version: 1
targets: { t: { engine: fake${target} } }
matrix: { a: [1, 2], include: [{ a: 2, idle: 2m }] }
test: { run: x${test} }`).cells.map(({ timeouts }) => timeouts.idle);
    expect(idle('')).toEqual([undefined, undefined]);
    expect(idle(', idle-timeout: 5s')).toEqual([5000, 5000]);
    expect(idle(', idle-timeout: 5s', ', timeouts: { idle: 9s }')).toEqual([9000, 9000]);
    expect(idle(', idle-timeout: "${{ matrix.idle }}"')).toEqual([undefined, 120_000]);
    expect(faults(withTest('{ run: x, idle-timeout: "${{ vars.v }}" }', 'vars: { v: 5 }'))).toEqual([
      '3:31 `test.idle-timeout` must be a time span such as `500ms`, `90s`, `15m` or `1h30m`, not "5"',
    ]);
  });

  it('takes types from look-ups', () => {
    const test = '{ run: x, timeout: "${{ matrix.minutes }}m", continue-on-error: "${{ matrix.may-fail }}" }';
    const matrix = 'matrix: { target: [lin], minutes: [1, 2], include: [{ minutes: 2, may-fail: true }] }';
    const { cells } = matrixOf(withTest(test, matrix));
    expect(cells.map(({ timeouts, continueOnError }) => [timeouts.run, continueOnError])).toEqual([
      [60_000, false],
      [120_000, true],
    ]);
    const wrong = matrix.replace('true', 'maybe').replace('minutes: [1', 'minutes: [no');
    expect(faults(withTest(test, wrong))).toEqual([
      '3:26 `test.timeout` must be a time span such as `500ms`, `90s`, `15m` or `1h30m`, not "nom"',
      '3:71 `test.continue-on-error` must be `true` or `false`, not "maybe"',
    ]);
  });

  it.each([
    ['zsh', '3:24 no shell is called "zsh"'],
    ['bsh', '3:24 no shell is called "bsh"'],
    ['zsh -c', '3:24 the shell "zsh -c" has no `{0}`'],
    ['"${{ matrix.shell }}"', '3:24 no shell is called "fish"'],
  ])('refuses the shell %s', (shell, problem) => {
    expect(faults(withTest(`{ run: x, shell: ${shell} }`, 'matrix: { shell: [fish] }'))).toEqual([problem]);
  });

  it('takes any shell as a template', () => {
    expect(firstCell(withTest("{ run: x, shell: 'perl -w {0}' }")).test.shell).toBe('perl -w {0}');
  });

  it('drops what a cell leaves empty, but never the command', () => {
    const test =
      `{ run: "$'x'", setup: "$'s'", shell: "$'h'", results: ["$'r'", a], upload: { from: "$'u'" } }`.replace(
        /\$'(.)'/g,
        '$${{ matrix.$1 }}',
      );
    const include = '{ target: win, x: run, s: setup, h: pwsh, r: b, u: src }';
    const other = '{ target: lin, x: run, u: src, a: 1 }';
    const { cells } = matrixOf(withTest(test, `matrix: { include: [${include}, ${other}] }`));
    expect(cells.map(({ test: { setup, shell, results } }) => [setup, shell, results])).toEqual([
      ['setup', 'pwsh', ['b', 'a']],
      [undefined, 'sh', ['a']],
    ]);
    expect(faults(withTest(test, `matrix: { include: [${include}, { target: lin }] }`))).toEqual([
      '3:14 `test.run` is empty in the cell `lin`',
      '3:134 `test.upload.from` is empty in the cell `lin`',
    ]);
  });

  it('keeps beside the globs of results which of them name their format', () => {
    const test = `{ run: x, results: ['a/*.xml', { files: "$'f'", format: tap }, { files: c, format: go-test }] }`;
    const { cells } = matrixOf(
      withTest(
        test.replace("$'f'", '${{ matrix.f }}'),
        "matrix: { include: [{ target: win, f: 'b/*' }, { target: lin, a: 1 }] }",
      ),
    );
    expect(cells.map(({ test: { results, resultFormats } }) => [results, resultFormats])).toEqual([
      [
        ['a/*.xml', 'b/*', 'c'],
        [
          { files: 'b/*', format: 'tap' },
          { files: 'c', format: 'go-test' },
        ],
      ],
      [['a/*.xml', 'c'], [{ files: 'c', format: 'go-test' }]],
    ]);
    expect(firstCell(withTest('{ run: x, results: [a] }')).test).not.toHaveProperty('resultFormats');
  });

  it('refuses a format that no reader has', () => {
    const [problem] = faults(withTest('{ run: x, results: [{ files: a, format: tapp }] }'));
    expect(problem).toContain('tapp');
    expect(faults(withTest('{ run: x, results: [{ files: a }] }'))).toHaveLength(1);
  });

  it('puts upload folders beside the file, look-ups included', () => {
    const test = '{ run: x, upload: { from: "build/${{ matrix.a }}", to: "w/${{ target.name }}" } }';
    expect(firstCell(withTest(test, 'matrix: { a: [1] }')).test).toMatchObject({
      upload: { from: '/project/build/1', to: 'w/lin' },
      cwd: 'w/lin',
    });
  });
});
