// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
/** Whatever the text, the loader answers with a matrix or with problems that have a place in the text. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatProblems } from '../../../matrix/problems.ts';
import { load } from './support.ts';

const folder = fileURLToPath(new URL('wrong-files/', import.meta.url));
const wrong = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => readFileSync(folder + name, 'utf8'));

const good = `version: 1
vars: { suite: smoke, n: 2 }
secrets: [LICENSE]
targets:
  debian-12: &base
    engine: qemu
    image: guests/debian-12.qcow2
    cpus: "\${{ vars.n }}"
    memory: 512M
    timeouts: { boot: 3m }
    guest: { user: root, password: "\${{ env.PASSWORD }}" }
  debian-13:
    <<: *base
    image: guests/debian-13.qcow2
  fake: { engine: fake, os: windows, latency: { boot: 1s..2s }, junit: { pass: 2 } }
matrix:
  target: [debian-12, debian-13, fake]
  node: [20, 22, 3.10]
  os: [{ name: a, v: 1.0 }]
  exclude: [{ target: fake, node: 20 }]
  include: [{ target: fake, node: 24, experimental: true }, { color: green }]
test:
  upload: { from: ., to: work, exclude: [node_modules] }
  env: { CI: "1", V: "\${{ matrix.os.v }}" }
  run: { windows: test.cmd, default: "./test.sh \${{ target.name }}" }
  shell: { windows: pwsh, default: "bash -e {0}" }
  results: ["**/*.xml"]
  timeout: 15m
  continue-on-error: "\${{ matrix.experimental }}"
limits: { jobs: auto, memory: 8G, engines: { fake: 2 } }
retries: { error: 1 }
fail-fast: true
`;
const env = { PASSWORD: 'correct horse', LICENSE: 'L-1' };

/** Throws when the loader does not keep its promise; answers whether the file was good. */
function isGood(text: string): boolean {
  const { matrix, problems } = load(text, { env });
  if (matrix) {
    expect(new Set(matrix.cells.map(({ id }) => id)).size).toBe(matrix.cells.length);
    expect(matrix.cells.length).toBeGreaterThan(0);
    return true;
  }
  expect(problems.length).toBeGreaterThan(0);
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  let last = [0, 0];
  for (const { line, column, message } of problems) {
    expect(message).not.toBe('');
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1] as string).length + 1);
    expect(line > (last[0] as number) || column >= (last[1] as number)).toBe(true);
    last = [line, column];
  }
  const shown = formatProblems(problems, text);
  expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
  for (const secret of Object.values(env)) expect(shown).not.toContain(secret);
  return false;
}

const words = [
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  '\n',
  '\n  ',
  ' ',
  '\t',
  '#',
  '&a ',
  '*a',
  '*base',
  '!x ',
  '|',
  '>',
  '<<: *base',
  '---\n',
  '...',
  '%',
  '@',
  '`',
  ',',
  '${{',
  '}}',
  '${{ matrix.node }}',
  '${{ env.PASSWORD }}',
  '${{ vars.nope }}',
  '$',
  '~',
  'null',
  'true',
  '0',
  '-1',
  '1e999',
  '.nan',
  '3.10',
  '512M',
  '15m',
  'version: 2',
  'matrix:',
  'include:',
  'targets:',
  'é',
  '😀',
  '\uFEFF',
  '\r\n',
  '\0',
  '\x1b',
  '__proto__',
  'constructor',
];

type Edit = { kind: 'insert' | 'remove' | 'copy'; at: number; length: number; word: string };

const edits = fc.array(
  fc.record<Edit>({
    kind: fc.constantFrom('insert', 'remove', 'copy'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 40 }),
    word: fc.constantFrom(...words),
  }),
  { minLength: 1, maxLength: 6 },
);

function edited(text: string, list: readonly Edit[]): string {
  return list.reduce((current, { kind, at, length, word }) => {
    const from = Math.floor(at * current.length);
    if (kind === 'insert') return current.slice(0, from) + word + current.slice(from);
    if (kind === 'remove') return current.slice(0, from) + current.slice(from + length);
    return current.slice(0, from) + current.slice(from, from + length) + current.slice(from);
  }, text);
}

const keys = [
  'version',
  'vars',
  'secrets',
  'targets',
  'matrix',
  'test',
  'limits',
  'retries',
  'timeouts',
  'fail-fast',
  'engine',
  'image',
  'guest',
  'target',
  'include',
  'exclude',
  'run',
  'env',
  'shell',
  'upload',
  'from',
  'jobs',
  'memory',
  'junit',
  'fail',
  'boot',
  'times',
  'a',
  'b',
  'os',
  'key',
  'x y',
  '',
  '1',
  '<<',
  'toString',
];
const scalars = fc.oneof(
  fc.constantFrom<unknown>(
    ...words,
    1,
    2,
    0.5,
    -1,
    true,
    false,
    null,
    'qemu',
    'fake',
    'auto',
    'a',
    'b',
    'clean',
    Number.NaN,
    2 ** 60,
  ),
  fc.string(),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', maxDepth: 6 },
    scalars,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 6 }),
  ),
}));

/** Mostly one of these, now and then anything. */
function mostly(...values: unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: tree });
}

/** A file with the right sections, and contents that are right, wrong, or both. */
const files = fc.record(
  {
    version: fc.constant(1),
    vars: mostly({ a: 'x' }, { b: 3.1 }),
    targets: fc.dictionary(
      fc.constantFrom('t', 'u', 'toString'),
      mostly({ engine: 'fake' }, { engine: 'qemu', image: 'a' }),
      {
        minKeys: 1,
      },
    ),
    matrix: fc.dictionary(
      fc.constantFrom('a', 'b', 'include', 'exclude'),
      mostly([1, 2], [{ a: 1 }], [{ a: 2, c: 3 }]),
    ),
    test: fc.record(
      { run: mostly('x', { default: 'x' }), env: mostly({ A: 1 }), shell: mostly('bash', 'x {0}') },
      { requiredKeys: ['run'] },
    ),
    limits: mostly({ jobs: 2 }),
    retries: mostly({ test: 1 }),
  },
  { requiredKeys: ['version', 'targets', 'test'] },
);

describe('the loader', () => {
  it('takes the file that the others are made from', () => {
    expect(isGood(good)).toBe(true);
  });

  it('stands any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...words)).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(text, (any) => void isGood(any)),
      { numRuns: 400 },
    );
  });

  it('stands any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        (bytes) => void isGood(Buffer.from(bytes).toString('utf8')),
      ),
      { numRuns: 400 },
    );
  });

  it('stands edited files', () => {
    const file = fc.constantFrom(good, good, good, ...wrong);
    fc.assert(
      fc.property(file, edits, (text, list) => void isGood(edited(text, list))),
      { numRuns: 400 },
    );
  });

  it('stands any tree', () => {
    fc.assert(
      fc.property(tree, (value) => void isGood(stringify(value))),
      { numRuns: 400 },
    );
  });

  it('stands files with any contents', () => {
    let accepted = 0;
    fc.assert(
      fc.property(files, (value) => {
        if (isGood(stringify(value))) accepted += 1;
      }),
      { numRuns: 400 },
    );

    expect(accepted).toBeGreaterThan(3);
  });
});
