// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { file, idsOf, load, matrixOf } from './support.ts';

function valuesOf(matrix: string): Record<string, string>[] {
  return matrixOf(file(`matrix: ${matrix}`)).cells.map(({ values }) => values);
}

describe("GitHub's rules", () => {
  it('gives the cells of the documented example', () => {
    const example = `{
      fruit: [apple, pear], animal: [cat, dog],
      include: [
        { color: green },
        { color: pink, animal: cat },
        { fruit: apple, shape: circle },
        { fruit: banana },
        { fruit: banana, animal: cat } ] }`;
    expect(valuesOf(example)).toEqual([
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ]);
    expect(idsOf(file(`matrix: ${example}`))).toEqual([
      't/fruit=apple/animal=cat',
      't/fruit=apple/animal=dog',
      't/fruit=pear/animal=cat',
      't/fruit=pear/animal=dog',
      't/fruit=banana',
      't/fruit=banana/animal=cat',
    ]);
  });

  it('varies the first axis slowest', () => {
    expect(valuesOf('{ b: [1, 2], a: [x, y] }').map(({ a, b }) => `${b}${a}`)).toEqual([
      '1x',
      '1y',
      '2x',
      '2y',
    ]);
  });

  it('excludes by part of the axes', () => {
    expect(valuesOf('{ a: [1, 2], b: [1, 2], exclude: [{ a: 1, b: 2 }, { a: 2 }] }')).toEqual([
      { a: '1', b: '1' },
    ]);
  });

  it('includes after exclude, so that include can bring back', () => {
    expect(valuesOf('{ a: [1, 2], exclude: [{ a: 1 }], include: [{ a: 1, again: yes }] }')).toEqual([
      { a: '2' },
      { a: '1', again: 'yes' },
    ]);
  });

  it('lets a later include overwrite what an earlier one added, but no axis', () => {
    expect(valuesOf('{ a: [1], include: [{ x: 1 }, { x: 2, y: 1 }, { a: 2, x: 3 }] }')).toEqual([
      { a: '1', x: '2', y: '1' },
      { a: '2', x: '3' },
    ]);
  });

  it('never adds to a cell that an include made', () => {
    expect(valuesOf('{ include: [{ a: 1 }, { b: 2 }] }')).toEqual([{ a: '1' }, { b: '2' }]);
  });

  it('takes maps as values, equal whatever the order of their keys', () => {
    const matrix = '{ os: [{ name: a, v: 1.0 }, { name: b, v: 2 }], exclude: [{ os: { v: 2, name: b } }] }';
    expect(valuesOf(matrix)).toEqual([{ os: '{"name":"a","v":"1.0"}' }]);
    expect(load(file('matrix: { os: [{ a: 1, b: 2 }, { b: 2, a: 1 }] }')).problems).toHaveLength(1);
  });

  it('tells a map from the text that shows it', () => {
    const matrix = `{ os: [{ a: 1 }, '{"a":"1"}'], exclude: [{ os: { a: 1 } }] }`;
    expect(valuesOf(matrix)).toEqual([{ os: '{"a":"1"}' }]);
  });
});

/** The rules again, as slow and as plain as they can be said. */
interface Model {
  axes: Record<string, string[]>;
  exclude: Record<string, string>[];
  include: Record<string, string>[];
}

function slowly({ axes, exclude, include }: Model): Record<string, string>[] {
  let originals: Record<string, string>[] = Object.keys(axes).length === 0 ? [] : [{}];
  for (const axis of Object.keys(axes)) {
    const next: Record<string, string>[] = [];
    for (const combination of originals) {
      for (const value of axes[axis] as string[]) next.push({ ...combination, [axis]: value });
    }
    originals = next;
  }
  for (const entry of exclude) {
    originals = originals.filter((combination) =>
      Object.keys(entry).some((key) => combination[key] !== entry[key]),
    );
  }
  const merged = originals.map((combination) => ({ ...combination }));
  const created: Record<string, string>[] = [];
  for (const entry of include) {
    let found = false;
    for (const [index, original] of originals.entries()) {
      const changes = Object.keys(entry).some((key) => key in original && original[key] !== entry[key]);
      if (changes) continue;
      found = true;
      for (const key of Object.keys(entry))
        (merged[index] as Record<string, string>)[key] = entry[key] as string;
    }
    if (!found) created.push({ ...entry });
  }
  return [...merged, ...created];
}

const models = fc
  .record({
    axes: fc
      .uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 })
      .chain((names) =>
        fc.record(
          Object.fromEntries(
            names.map((name) => [
              name,
              fc.uniqueArray(fc.constantFrom('1', '2', '3.10', 'x'), { minLength: 1, maxLength: 4 }),
            ]),
          ),
        ),
      ),
    include: fc.array(
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('1', '2', '3.10', 'new'), {
        minKeys: 1,
        maxKeys: 4,
      }),
      { maxLength: 6 },
    ),
  })
  .chain(({ axes, include }) =>
    fc
      .array(
        fc.record(
          mapAxes(axes, (values) => fc.constantFrom(...values)),
          { requiredKeys: [] },
        ),
        { maxLength: 4 },
      )
      .map(
        (exclude): Model => ({
          axes,
          include,
          exclude: (exclude as Record<string, string>[]).filter((entry) => Object.keys(entry).length > 0),
        }),
      ),
  );

function mapAxes<To>(axes: Record<string, string[]>, to: (values: string[]) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(axes).map(([axis, values]) => [axis, to(values)]));
}

function flow({ axes, exclude, include }: Model): string {
  const map = (entry: Record<string, string>) =>
    `{ ${Object.entries(entry)
      .map(([key, value]) => `${key}: ${value}`)
      .join(', ')} }`;
  const lists = Object.entries(axes).map(([axis, values]) => `${axis}: [${values.join(', ')}]`);
  return `{ ${[...lists, `exclude: [${exclude.map(map).join(', ')}]`, `include: [${include.map(map).join(', ')}]`].join(', ')} }`;
}

describe('expansion', () => {
  it('is what a slow and plain model says', () => {
    let good = 0;
    fc.assert(
      fc.property(models, (model) => {
        const expected = slowly(model);
        const { matrix, problems } = load(file(`matrix: ${flow(model)}`));
        const names = expected
          .slice(-model.include.length)
          .map((cell) => JSON.stringify(Object.entries(cell).sort()));
        if (expected.length === 0 && Object.keys(model.axes).length === 0) {
          expect(matrix?.cells).toHaveLength(1); // nothing but the target
        } else if (expected.length === 0) {
          expect(problems?.map(({ message }) => message)).toEqual(['`exclude` removes every combination']);
        } else if (problems) {
          // Two cells of one name: the model must have them too.
          expect(problems.every(({ message }) => message.startsWith('a second cell would be called'))).toBe(
            true,
          );
          expect(new Set(names).size).toBeLessThan(names.length);
        } else {
          expect(matrix.cells.map(({ values }) => values)).toEqual(expected);
          expect(matrix.cells.map(({ index }) => index)).toEqual(expected.map((_, index) => index));
          good += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(good).toBeGreaterThan(200);
  });
});

describe('the target axis', () => {
  const two = 'one: { engine: fake }, two: { engine: fake }';

  it('is all targets without a matrix, or with axes that do not name it', () => {
    expect(idsOf(file('', two))).toEqual(['one', 'two']);
    expect(idsOf(file('matrix: {}', two))).toEqual(['one', 'two']);
    expect(idsOf(file('matrix: { a: [1, 2] }', two))).toEqual(['one/a=1', 'one/a=2', 'two/a=1', 'two/a=2']);
    expect(idsOf(file('matrix: { a: [1, 2], exclude: [{ target: one, a: 2 }] }', two))).toEqual([
      'one/a=1',
      'two/a=1',
      'two/a=2',
    ]);
    expect(idsOf(file('matrix: { exclude: [{ target: one }] }', two))).toEqual(['two']);
  });

  it('varies where it is declared, and comes first in the id', () => {
    expect(idsOf(file('matrix: { a: [1, 2], target: [two, one] }', two))).toEqual([
      'two/a=1',
      'one/a=1',
      'two/a=2',
      'one/a=2',
    ]);
  });

  it('is not implied by a matrix of nothing but include', () => {
    const include = 'matrix: { include: [{ target: two, a: 1 }, { target: one }] }';
    expect(idsOf(file(include, two))).toEqual(['two/a=1', 'one']);
    expect(idsOf(file('matrix: { include: [{ a: 1 }, { a: 2 }] }'))).toEqual(['t/a=1', 't/a=2']);
  });

  it('is no value of a cell, but known to it', () => {
    const { cells, axes } = matrixOf(file('matrix: { target: [two], a: [1] }', two));
    expect(axes).toEqual(['a']);
    expect(cells[0]).toMatchObject({ target: 'two', values: { a: '1' } });
    expect(cells[0]?.test.env).toEqual({ VMTEST_A: '1', VMTEST_TARGET: 'two', VMTEST_CELL: 'two/a=1' });
  });
});

describe('many cells', () => {
  const numbers = (count: number) => `[${Array.from({ length: count }, (_, index) => index).join(', ')}]`;
  const test = 'test: { run: "x ${{ matrix.a }}", env: { A: "${{ matrix.b }}" } }';
  const many = (matrix: string) => `version: 1\ntargets: { t: { engine: fake } }\n${test}\nmatrix: ${matrix}`;

  it('expands 100,000 of them', () => {
    const { cells } = matrixOf(many(`{ a: ${numbers(500)}, b: ${numbers(200)} }`));
    expect(cells).toHaveLength(100_000);
    expect(new Set(cells.map(({ slug }) => slug)).size).toBe(100_000);
    expect(cells.at(-1)).toMatchObject({ id: 't/a=499/b=199', test: { run: 'x 499', env: { A: '199' } } });
  });

  it('finds the cells of a thousand entries without looking at all of them', () => {
    const entries = Array.from(
      { length: 1000 },
      (_, index) => `{ a: ${index % 300}, b: ${index % 200}, extra: ${index} }`,
    );
    const matrix = `{ a: ${numbers(300)}, b: ${numbers(200)}, include: [${entries.join(', ')}] }`;
    expect(matrixOf(many(matrix)).cells.filter(({ values }) => 'extra' in values)).toHaveLength(600);
  });

  it('refuses more, before making them', () => {
    const message = 'the matrix has 1,000,000,000 combinations; 100,000 is the most';
    const axes = ['a', 'b', 'c'].map((axis) => `${axis}: ${numbers(1000)}`);
    expect(load(many(`{ ${axes.join(', ')} }`)).problems?.map((problem) => problem.message)).toEqual([
      message,
    ]);
  });

  it('refuses a test section that is too long for them', () => {
    const env = Array.from({ length: 100 }, (_, index) => `K${index}: "\${{ matrix.a }}"`).join(', ');
    const text = many(`{ a: ${numbers(500)}, b: ${numbers(200)} }`).replace('A: "${{ matrix.b }}"', env);
    expect(load(text).problems?.map(({ message }) => message)).toEqual([
      '`test` is too long for 100,000 cells',
    ]);
  });

  it('refuses texts that look-ups make too long', () => {
    const text = file('vars: { big: "${{ env.BIG }}" }').replace(
      'make check',
      `"${'${{ vars.big }}'.repeat(3000)}"`,
    );
    const { problems } = load(text, { env: { BIG: 'x'.repeat(1_000_000) } });
    expect(problems?.map(({ message }) => message)).toEqual([
      'the look-ups make this text longer than 1 MiB',
    ]);
  });

  it('refuses entries without end', () => {
    const entries = Array.from({ length: 100 }, (_, index) => `{ k${index}: 1 }`);
    const { problems } = load(
      many(`{ a: ${numbers(500)}, b: ${numbers(200)}, include: [${entries.join(', ')}] }`),
    );
    expect(problems?.map(({ message }) => message)).toEqual([
      'the matrix has too many include and exclude entries for its size',
    ]);
  });
});
