/**
 * Axes, exclude and include → combinations, as GitHub's `strategy.matrix` does it: the product, first axis slowest; then
 * exclude; then include, entry by entry, each merged into every original combination whose axis values it does not
 * change, or else a combination of its own.
 */
import { type AxisValue, identity } from './axis-value.ts';

export type Entry = ReadonlyMap<string, AxisValue>;

export interface Axes {
  /** In declared order. */
  axes: ReadonlyMap<string, readonly AxisValue[]>;
  exclude: readonly Entry[];
  include: readonly Entry[];
}

export interface Combination {
  /** Axes in declared order, then the keys that include added, in the order in which they came. */
  values: Map<string, AxisValue>;
  /** The include entry that made it; undefined for one of the product. */
  madeBy?: number;
}

export const MOST_CELLS = 100_000;
/** Comparisons of include and exclude entries with combinations: seconds of work. */
const MOST_COMPARISONS = 1_000_000;

export class TooLarge extends Error {}

/** Throws `TooLarge` beyond `MOST_CELLS` (counted before exclude) or when entries × combinations run away. */
export function expand({ axes, exclude, include }: Axes): Combination[] {
  const product = crossProduct(axes);
  const search = new Search(product);
  const removed = new Set(exclude.flatMap((entry) => search.matching(entry)));
  const original = product.filter((combination) => !removed.has(combination));
  const made = includeAll(include, original, axes);
  if (original.length + made.length > MOST_CELLS) throw new TooLarge(tooMany(original.length + made.length));
  return [...original, ...made];
}

function crossProduct(axes: Axes['axes']): Combination[] {
  if (axes.size === 0) return [];
  const size = [...axes.values()].reduce((product, values) => product * values.length, 1);
  if (size > MOST_CELLS) throw new TooLarge(tooMany(size));
  let combinations: Map<string, AxisValue>[] = [new Map()];
  for (const [axis, values] of axes) {
    combinations = combinations.flatMap((rest) => values.map((value) => new Map(rest).set(axis, value)));
  }
  return combinations.map((values) => ({ values }));
}

function tooMany(count: number): string {
  return `the matrix has ${count.toLocaleString('en')} combinations; ${MOST_CELLS.toLocaleString('en')} is the most`;
}

function includeAll(include: readonly Entry[], original: Combination[], axes: Axes['axes']): Combination[] {
  const search = new Search(original);
  const made: Combination[] = [];
  for (const [index, entry] of include.entries()) {
    const targets = search.matching(new Map([...entry].filter(([key]) => axes.has(key))));
    for (const { values } of targets) for (const [key, value] of entry) values.set(key, value);
    if (targets.length === 0) made.push({ values: axesFirst(entry, axes), madeBy: index });
  }
  return made;
}

function axesFirst(entry: Entry, axes: Axes['axes']): Map<string, AxisValue> {
  const declared = [...axes.keys()].filter((axis) => entry.has(axis));
  const values = new Map(declared.map((axis) => [axis, entry.get(axis) as AxisValue]));
  for (const [key, value] of entry) values.set(key, value);
  return values;
}

/** Finds combinations by some of their axis values without looking at all of them. */
class Search {
  readonly #all: Combination[];
  /** Axis → value → combinations with it; made for an axis when it is first asked for. */
  readonly #byAxis = new Map<string, Map<string, Combination[]>>();
  #comparisons = 0;

  constructor(all: Combination[]) {
    this.#all = all;
  }

  matching(entry: Entry): Combination[] {
    const wanted = [...entry];
    const candidates = wanted
      .map(([axis, value]) => this.#with(axis, value))
      .reduce((fewest, some) => (some.length < fewest.length ? some : fewest), this.#all);
    this.#comparisons += candidates.length;
    if (this.#comparisons > MOST_COMPARISONS) {
      throw new TooLarge('the matrix has too many include and exclude entries for its size');
    }
    return candidates.filter(({ values }) => wanted.every(([axis, value]) => same(values.get(axis), value)));
  }

  #with(axis: string, value: AxisValue): Combination[] {
    let byValue = this.#byAxis.get(axis);
    if (byValue === undefined) {
      byValue = this.#group(axis);
      this.#byAxis.set(axis, byValue);
    }
    return byValue.get(identity(value)) ?? [];
  }

  #group(axis: string): Map<string, Combination[]> {
    const groups = new Map<string, Combination[]>();
    for (const combination of this.#all) {
      const value = combination.values.get(axis);
      if (value === undefined) continue;
      const group = groups.get(identity(value));
      if (group) group.push(combination);
      else groups.set(identity(value), [combination]);
    }
    return groups;
  }
}

function same(one: AxisValue | undefined, other: AxisValue): boolean {
  return one !== undefined && identity(one) === identity(other);
}
