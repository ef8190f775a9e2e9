/** Combinations → cells: names, values and the resolved test of each. */
import { type AxisValue, valueText } from './axis-value.ts';
import { cellId, slugs } from './cell-id.ts';
import { type Contexts, dottedNames, valuesContext } from './contexts.ts';
import type { Combination } from './expand.ts';
import { parseTemplate } from './expressions.ts';
import type { PathBase } from './host-path.ts';
import type { BaseTarget, Cell, PhaseTimeouts } from './model.ts';
import type { RawTest } from './schema/test.ts';
import type { Issue } from './schema-check.ts';
import type { OnSubstituted } from './substitute.ts';
import { type CellScope, resolveTest } from './test-spec.ts';

/** A combination with its names, before its test is resolved. */
export interface NamedCell {
  id: string;
  slug: string;
  target: string;
  combination: Combination;
}

/** Ids and slugs; a combination without a target, and two with one id, are issues. */
export function nameCells(
  combinations: readonly Combination[],
  axes: ReadonlySet<string>,
  targets: readonly string[],
): { cells: NamedCell[]; issues: Issue[] } {
  const issues: Issue[] = [];
  const named = new Map<string, { target: string; combination: Combination }>();
  for (const combination of combinations) {
    const target = targetOf(combination, targets);
    if (target === undefined) {
      issues.push(noTarget(combination, targets));
      continue;
    }
    const id = cellId(target, idValues(combination, axes));
    if (named.has(id)) issues.push(sameId(id, combination));
    else named.set(id, { target, combination });
  }
  const slugList = slugs([...named.keys()]);
  const cells = [...named].map(([id, cell], index) => ({ id, slug: slugList[index] as string, ...cell }));
  return { cells, issues };
}

/** A file with one target need not name it. */
function targetOf({ values }: Combination, targets: readonly string[]): string | undefined {
  const target = values.get('target');
  if (typeof target === 'string') return target;
  return target === undefined && targets.length === 1 ? targets[0] : undefined;
}

/** Of a combination of the product the axes tell it apart; of one that an include made, all that the entry says. */
function* idValues({ values, madeBy }: Combination, axes: ReadonlySet<string>): Iterable<[string, string]> {
  for (const [key, value] of values) {
    if (key !== 'target' && (madeBy !== undefined || axes.has(key))) yield [key, valueText(value)];
  }
}

function noTarget({ madeBy = 0 }: Combination, targets: readonly string[]): Issue {
  const names = targets.map((name) => `\`${name}\``).join(', ');
  const message = 'this entry makes a cell of its own, and does not say on which target';
  return { path: ['matrix', 'include', madeBy], message, hint: `add \`target:\` (${names})` };
}

function sameId(id: string, { madeBy }: Combination): Issue {
  const message = `a second cell would be called \`${id}\``;
  if (madeBy === undefined) return { path: ['matrix'], at: 'key', message };
  return { path: ['matrix', 'include', madeBy], message, hint: 'give the entry a key that tells it apart' };
}

export interface CellSettings {
  test: RawTest;
  targets: Readonly<Record<string, BaseTarget>>;
  /** What look-ups of `target` find, by target. */
  targetValues: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  known: KnownNames;
  timeouts: PhaseTimeouts;
  base: PathBase;
  /** `vars` and `env`. */
  contexts: Contexts;
}

/** Values and look-ups of the test section, times cells: what takes seconds and gigabytes beyond this. */
const MOST_VALUES = 10_000_000;

/** The test section as many times as there are cells may be too much. */
export function sizeIssues(test: unknown, cells: number): Issue[] {
  if (countValues(test) * cells <= MOST_VALUES) return [];
  const count = cells.toLocaleString('en');
  return [{ path: ['test'], at: 'key', message: `\`test\` is too long for ${count} cells` }];
}

function countValues(value: unknown): number {
  if (typeof value === 'string') return parseTemplate(value).parts.length;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((count, inner) => count + countValues(inner), 1);
}

/** Resolves the test of every cell; what is wrong in one is added to `issues`. */
export function buildCells(
  named: readonly NamedCell[],
  settings: CellSettings,
  issues: Issue[],
  seen: OnSubstituted,
): Cell[] {
  return named.map((cell, index) => {
    const target = settings.targets[cell.target] as BaseTarget;
    const scope = cellScope(cell, target, settings);
    const { test, continueOnError, runTimeout, idleTimeout } = resolveTest(
      settings.test,
      scope,
      issues,
      seen,
    );
    const ofTest = { run: runTimeout, ...(idleTimeout === undefined ? {} : { idle: idleTimeout }) };
    const timeouts = { ...settings.timeouts, ...ofTest, ...target.timeouts };
    const { id, slug } = cell;
    return { id, slug, index, target: target.name, values: scope.values, test, timeouts, continueOnError };
  });
}

export interface KnownNames {
  /** What any cell has. */
  matrix: ReadonlySet<string>;
  /** What any target has. */
  target: ReadonlySet<string>;
}

/** The dotted names under which any cell has a value. */
export function cellNames(named: readonly NamedCell[]): Set<string> {
  const names = new Set(['target']);
  const done = new Set<AxisValue>();
  for (const { combination } of named) {
    for (const [key, value] of combination.values) {
      names.add(key);
      if (typeof value === 'string' || done.has(value)) continue;
      done.add(value);
      dottedNames(value, key, names);
    }
  }
  return names;
}

/** The dotted names under which any target has a value. */
export function targetNames(targetValues: CellSettings['targetValues']): Set<string> {
  const names = new Set<string>();
  for (const values of Object.values(targetValues)) dottedNames(values, '', names);
  return names;
}

function cellScope(
  { id, combination }: NamedCell,
  target: BaseTarget,
  { contexts, targetValues, known, base }: CellSettings,
): CellScope & { values: Record<string, string> } {
  const all = { ...Object.fromEntries(combination.values), target: target.name };
  const values: Record<string, string> = {};
  for (const [key, value] of combination.values) if (key !== 'target') values[key] = valueText(value);
  return {
    id,
    target,
    values,
    base,
    contexts: {
      matrix: valuesContext('matrix', all, known.matrix),
      target: valuesContext('target', targetValues[target.name] ?? {}, known.target),
      ...contexts,
    },
  };
}
