/**
 * What cells that were struck have in common, and those that were spared lack: the question that a person asks first of
 * a matrix. The fewest conditions win, and of as many those that name the fewest values.
 */

/** Axis → value; the target and the engine are axes like the others. */
export type Traits = ReadonlyMap<string, string>;

export interface Condition {
  axis: string;
  /** The values of the struck cells, or, where those are shorter to say, of all others. */
  values: string[];
  /** `values` are those that it does *not* hold for. */
  except: boolean;
}

export interface Distinction {
  /** All hold for every struck cell. Empty when nothing is worth saying. */
  conditions: Condition[];
  /** Spared cells for which all of them hold as well: 0 when the conditions tell the two apart. */
  spared: number;
}

/** What stands for an axis that a cell does not have. */
const ABSENT = '-';
/** More than so many conditions at once explain nothing, and neither do long lists of values. */
const MOST_CONDITIONS = 3;
const MOST_WORDS = 8;

/** Where no cell was spared there is nothing to tell apart, and no condition. */
export function tellApart(struck: readonly Traits[], spared: readonly Traits[]): Distinction {
  const factors = axesOf([...struck, ...spared])
    .map((axis) => factorOf(axis, struck, spared))
    .filter(({ otherValues }) => otherValues.length > 0);
  // The values of a single cell tell it apart in nearly every matrix: that explains nothing.
  const most = struck.length > 1 ? MOST_CONDITIONS : 1;
  for (let count = 1; count <= most; count += 1) {
    const exact = combinations(factors, count).filter(
      (some) => (count === 1 || wordsOf(some) <= MOST_WORDS) && sparedWith(some, spared) === 0,
    );
    const [shortest] = exact.toSorted((a, b) => wordsOf(a) - wordsOf(b));
    if (shortest) return { conditions: shortest.map(conditionOf), spared: 0 };
  }
  const shared = factors.filter(({ struckValues }) => struckValues.size === 1).slice(0, MOST_CONDITIONS);
  return {
    conditions: shared.map(conditionOf),
    spared: shared.length === 0 ? spared.length : sparedWith(shared, spared),
  };
}

interface Factor {
  axis: string;
  struckValues: ReadonlySet<string>;
  /** Values of spared cells that no struck cell has. */
  otherValues: readonly string[];
}

function factorOf(axis: string, struck: readonly Traits[], spared: readonly Traits[]): Factor {
  const struckValues = new Set(struck.map((traits) => traitOf(traits, axis)));
  const sparedValues = new Set(spared.map((traits) => traitOf(traits, axis)));
  return { axis, struckValues, otherValues: [...sparedValues].filter((value) => !struckValues.has(value)) };
}

/** All choices of so many, in order. */
function combinations<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, index) =>
    combinations(items.slice(index + 1), count - 1).map((rest) => [item, ...rest]),
  );
}

function sparedWith(factors: readonly Factor[], spared: readonly Traits[]): number {
  return spared.filter((traits) =>
    factors.every(({ axis, struckValues }) => struckValues.has(traitOf(traits, axis))),
  ).length;
}

function conditionOf({ axis, struckValues, otherValues }: Factor): Condition {
  // "Not these" also speaks of cells that nobody saw: it has to be shorter by more than one.
  const except = otherValues.length + 1 < struckValues.size;
  return { axis, values: except ? [...otherValues] : [...struckValues], except };
}

function wordsOf(factors: readonly Factor[]): number {
  return factors
    .map(conditionOf)
    .reduce((sum, { values, except }) => sum + values.length + Number(except), 0);
}

function axesOf(cells: readonly Traits[]): string[] {
  return [...new Set(cells.flatMap((traits) => [...traits.keys()]))];
}

function traitOf(traits: Traits, axis: string): string {
  return traits.get(axis) ?? ABSENT;
}
