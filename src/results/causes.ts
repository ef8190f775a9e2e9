/**
 * Failures grouped by what is likely to be their cause: symptoms that struck exactly the same cells are one thing to
 * read ("the same 3 tests fail wherever libc is musl"), told with what those cells have in common.
 */
import type { CellResult } from './model.ts';
import { type Symptom, symptomsOf } from './symptoms.ts';
import { type Distinction, type Traits, tellApart } from './tell-apart.ts';

export interface Cause extends Distinction {
  kind: Symptom['kind'];
  /** At least one, in the order of the run. */
  symptoms: Symptom[];
  cells: CellResult[];
}

export interface Causes {
  /** The most widespread first; errors and failures before what is only flaky. */
  causes: Cause[];
  /** Those beyond the limit. */
  leftOut: number;
}

/** @param most so many causes are told, for comparing cells takes its time when every cell fails in its own way. */
export function causesOf(cells: readonly CellResult[], most = 200): Causes {
  const groups = groupBy(symptomsOf(cells), ({ kind, struck }) =>
    JSON.stringify([kind, struck.map((cell) => cell.id)]),
  );
  const ranked = groups.toSorted(
    ([a], [b]) =>
      Number(a.kind === 'flaky') - Number(b.kind === 'flaky') || b.struck.length - a.struck.length,
  );
  return {
    causes: ranked.slice(0, most).map(toCause),
    leftOut: Math.max(0, ranked.length - most),
  };
}

/** The target and the engine beside the axes; an axis of one of these names is the same thing. */
export function traitsOf({ target, engine, values }: CellResult): Traits {
  return new Map([['target', target], ...Object.entries(values), ['engine', engine]]);
}

function toCause(symptoms: [Symptom, ...Symptom[]]): Cause {
  const [{ kind, struck }] = symptoms;
  // A cell counts as spared when it passed all of the tests: one that did not run some of them proves nothing.
  const spared = symptoms
    .slice(1)
    .reduce((both, symptom) => intersection(both, symptom.spared), symptoms[0].spared);
  return { kind, symptoms, cells: struck, ...tellApart(struck.map(traitsOf), spared.map(traitsOf)) };
}

function intersection(some: readonly CellResult[], others: readonly CellResult[]): CellResult[] {
  const known = new Set(others);
  return some.filter((cell) => known.has(cell));
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}
