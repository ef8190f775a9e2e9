// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../../matrix/expressions.ts';
import { isSecretKey } from '../../../matrix/secrets.ts';
import { faults, file, firstCell, load, matrixOf, printed } from './support.ts';

/** A file whose test prints `run` in a cell of `matrix`. */
function running(run: string, rest = ''): string {
  return `version: 1\ntargets: { t: { engine: fake, guest: { user: me } } }\n${rest}\ntest:\n  run: ${JSON.stringify(run)}`;
}

describe('templates', () => {
  it('are texts and look-ups', () => {
    const { parts, faults: wrong } = parseTemplate('a${{ matrix.x }}b${{env.Y_1}}');
    expect(parts).toEqual([
      'a',
      { context: 'matrix', names: ['x'], source: 'matrix.x', index: 0 },
      'b',
      { context: 'env', names: ['Y_1'], source: 'env.Y_1', index: 1 },
    ]);
    expect(wrong).toEqual([]);
  });

  it.each(['', '{{ x }}', '$ {{ x }}', '${ x }', '$', '${', '}}', '${x}'])('leaves %j alone', (text) => {
    expect(parseTemplate(text).parts.join('')).toBe(text);
  });

  it('gives back texts without look-ups, and finds each look-up in its place', () => {
    const plain = fc
      .string({ unit: fc.constantFrom('a', ' ', '$', '{', '}', '\n', '.') })
      .filter((text) => !text.includes('${{'));
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 5 }), (texts) => {
        const separated = texts.map((text) => text.replace(/\$+$/, ''));
        const template = separated.join('${{ vars.x }}');
        const { parts, faults: wrong } = parseTemplate(template);
        expect(wrong).toEqual([]);
        expect(parts.map((part) => (typeof part === 'string' ? part : '${{ vars.x }}')).join('')).toBe(
          template,
        );
      }),
    );
  });
});

describe('look-ups', () => {
  it('reach every context, and into maps', () => {
    const text = running(
      '${{ vars.a }} ${{ env.B }} ${{ matrix.os.name }} ${{ matrix.os }} ${{ target.name }} ${{ target.guest.user }} ${{ target.cpus }}',
      'vars: { a: 1.0 }\nmatrix: { os: [{ name: x }] }',
    );
    expect(firstCell(text, { env: { B: '2' } }).test.run).toBe('1.0 2 x {"name":"x"} t me 1');
  });

  it('are not looked up again in what they gave', () => {
    expect(firstCell(running('${{ env.A }}'), { env: { A: '${{ env.B }}' } }).test.run).toBe('${{ env.B }}');
  });

  it('stay text after $${{', () => {
    expect(firstCell(running('$${{ vars.x }} ${{ target.name }} $$${{ x')).test.run).toBe(
      '${{ vars.x }} t $${{ x',
    );
  });

  it('are empty where only another cell or target has the name', () => {
    const text = `version: 1
targets: { a: { engine: fake, jobs: 2 }, b: { engine: fake } }
matrix: { x: [1], include: [{ target: a, y: 2 }] }
test: { run: "[\${{ matrix.y }}][\${{ target.jobs }}]" }`;
    expect(matrixOf(text).cells.map(({ test }) => test.run)).toEqual(['[2][2]', '[][]']);
  });

  it('read numbers and booleans where they stand alone', () => {
    const text = `version: 1
vars: { n: 2, yes: true }
targets: { t: { engine: fake, cpus: "\${{ vars.n }}", exclusive: "\${{ vars.yes }}", memory: "\${{ vars.n }}G" } }
limits: { jobs: "\${{ vars.n }}" }
retries: { test: "\${{ vars.n }}" }
fail-fast: "\${{ vars.yes }}"
test: { run: x }`;
    const { targets, limits, retries, failFast } = matrixOf(text);
    expect(targets['t']).toMatchObject({ cpus: 2, memory: 2 * 1024 ** 3, options: { exclusive: true } });
    expect([limits.jobs, retries.test, failFast]).toEqual([2, 2, true]);
    expect(faults(text.replace('n: 2', 'n: two'))).toEqual([
      '3:37 `targets.t.cpus` must be a whole number from 1 to 1024, not "two"',
      '3:92 `targets.t.memory` must be an amount of memory such as `512M`, `2G` or `1.5G`, not "twoG"',
      '4:17 `limits.jobs` must be `auto` or a whole number, 1 or more, not "two"',
      '5:18 `retries.test` must be a whole number from 0 to 100, not "two"',
    ]);
  });

  it('keep leading zeros and the like where text is expected', () => {
    const text =
      'version: 1\nvars: { p: 0123 }\ntargets: { t: { engine: fake, guest: { password: "${{ vars.p }}" } } }\ntest: { run: x }';
    expect(matrixOf(text).targets['t']?.guest.password).toBe('0123');
  });

  it.each([
    ['${{ matrix.y }}', '6:9 `matrix.y` is not defined by any axis or include'],
    ['${{ matrix.x.z }}', '6:9 `matrix.x.z` is not defined by any axis or include'],
    ['${{ matrix.constructor }}', '6:9 `matrix.constructor` is not defined by any axis or include'],
    ['${{ target.toString }}', '6:9 `target.toString` is not defined by any target'],
    ['${{ vars.y }}', '6:9 `vars.y` is not defined'],
    ['${{ vars.x.y }}', '6:9 `vars.x.y` is not defined'],
    ['${{ env.NOPE }}', '6:9 the environment variable `NOPE` is not set'],
    ['${{ secrets.X }}', '6:9 nothing is called `secrets`'],
    ['${{ __proto__.x }}', '6:9 nothing is called `__proto__`'],
    ['${{ matrix }}', '6:9 `matrix` is not a look-up'],
    ["${{ matrix['x'] }}", "6:9 `matrix['x']` is not a look-up"],
    ["${{ env.X || 'y' }}", "6:9 `env.X || 'y'` is not a look-up"],
    ['${{ }}', '6:9 `${{ }}` is empty'],
    ['${{ vars.x', '6:9 `${{` has no `}}`'],
    ['é ${{ vars.x }} ${{ vars.z }}', '6:25 `vars.z` is not defined'],
    ['\\ ${{ vars.x }} $${{ no }} ${{ vars.z }}', '6:37 `vars.z` is not defined'],
  ])('%s', (run, problem) => {
    expect(faults(running(run, 'vars: { x: 1 }\nmatrix: { x: [1] }'))).toEqual([problem]);
  });

  it('do not nest', () => {
    expect(faults(running('${{ a ${{ vars.y }} ${{ vars.z }}', 'vars: { x: 1 }'))).toEqual([
      '5:9 `a ${{ vars.y` is not a look-up',
      '5:29 `vars.z` is not defined',
    ]);
  });

  it('are placed inside of block texts', () => {
    const text =
      'version: 1\ntargets: { t: { engine: fake } }\ntest:\n  run: |\n    one\n    two ${{ vars.x }}\n';
    expect(faults(text)).toEqual(['6:9 `vars.x` is not defined']);
  });

  it('know which contexts may be used where', () => {
    const text = `version: "\${{ env.A }}"
vars: { a: "\${{ vars.b }}", b: "\${{ env.A }}" }
targets: { t: { engine: "\${{ env.ENGINE }}", snapshot: "\${{ matrix.a }}" } }
secrets: ["\${{ env.A }}"]
matrix: { a: ["\${{ vars.b }}", "\${{ target.name }}"] }
test: { run: x }`;
    expect(faults(text, { env: { A: '1', ENGINE: 'fake' } })).toEqual([
      '1:11 `env` cannot be looked up here',
      '2:13 `vars` cannot be looked up here',
      '3:57 `matrix` cannot be looked up here',
      '4:12 `env` cannot be looked up here',
      '5:33 `target` cannot be looked up here',
    ]);
  });

  it('are all checked, also for systems that no target has', () => {
    expect(faults(running('x').replace('run: "x"', 'run: { default: x, windows: "${{ vars.w }}" }'))).toEqual(
      ['5:32 `vars.w` is not defined'],
    );
  });
});

describe('secrets', () => {
  it.each([
    'password',
    'PGPASSWORD',
    'passphrase',
    'API_TOKEN',
    'token',
    'secret-value',
    'key',
    'SSH_KEY',
    'apikey',
    'passwd',
  ])('%s is a secret key', (name) => {
    expect(isSecretKey(name)).toBe(true);
  });

  it.each(['user', 'keyboard', 'pass', 'KEYMAP', 'host'])('%s is none', (name) => {
    expect(isSecretKey(name)).toBe(false);
  });

  const env = { PW: 'pw-value', T: 't-value', L: 'l-value', O: 'open', E: '', V: 'v-value' };

  it('are what comes from the environment by such a key, by vars, and what is listed', () => {
    const text = `version: 1
secrets: [L, NOT_SET]
vars: { v: "\${{ env.V }}", open: "\${{ env.O }}" }
targets: { t: { engine: fake, guest: { password: "a-\${{ env.PW }}", user: "\${{ env.O }}" } } }
test:
  run: echo \${{ env.O }} \${{ vars.open }}
  env: { API_TOKEN: "\${{ env.T }}", OTHER_SECRET: "\${{ vars.v }}", EMPTY_KEY: "\${{ env.E }}", PLAIN_PASSWORD: written }`;
    expect(matrixOf(text, { env }).secrets.sort()).toEqual(['l-value', 'pw-value', 't-value', 'v-value']);
  });

  it('are what a variable of such a name holds', () => {
    const text =
      'version: 1\ntargets: { t: { engine: fake } }\ntest: { run: "login ${{ env.DB_PASSWORD }} ${{ env.OPEN }}" }';
    expect(matrixOf(text, { env: { DB_PASSWORD: 'db', OPEN: 'open' } }).secrets).toEqual(['db']);
  });

  it('come through targets and axes, too', () => {
    const text = `version: 1
targets: { t: { engine: fake, guest: { user: "\${{ env.T }}" } } }
matrix: { a: ["\${{ env.V }}", v] }
test: { run: x, env: { A_TOKEN: "\${{ target.guest.user }}", B_TOKEN: "\${{ matrix.a }}" } }`;
    expect(matrixOf(text, { env }).secrets.sort()).toEqual(['t-value', 'v-value']);
  });

  it('never stand in problems', () => {
    const text = `version: 1
secrets: [L]
targets: { t: { engine: fake, memory: "\${{ env.L }}", snapshot: "\${{ env.PW }}" } }
limits: { memory: "\${{ env.T }}" }
test: { run: x, shell: "\${{ env.L }}", env: { A_TOKEN: "\${{ env.T }}" } }`;
    const shown = printed(text, { env });
    expect(shown).toContain('not "***"');
    for (const value of ['l-value', 't-value']) expect(shown).not.toContain(value);
  });

  it('cannot be values of the matrix', () => {
    const message = 'values of the matrix are shown in names and reports: a secret cannot be one';
    const matrix =
      'secrets: [L]\nmatrix: { token: ["${{ env.T }}"], b: ["${{ env.L }}"], include: [{ x: "${{ env.L }}" }] }';
    expect(faults(file(matrix), { env })).toEqual([`5:19 ${message}`, `5:40 ${message}`, `5:72 ${message}`]);
    expect(load(file('matrix: { a: ["${{ env.O }}"] }'), { env }).problems).toBeUndefined();
  });
});
