/** The `matrix` section, checked: what GitHub would ignore in silence is an error here. */
import { type AxisValue, identity, valueText } from './axis-value.ts';
import { axisVariable, CELL_VARIABLES } from './cell-id.ts';
import type { Axes, Entry } from './expand.ts';
import { asRecord } from './file-lookups.ts';
import { suggest } from './nearest.ts';
import type { Path } from './place.ts';
import type { Issue } from './schema-check.ts';
import { quoted } from './words.ts';

type RawEntry = Readonly<Record<string, unknown>>;

export interface CheckedAxes extends Axes {
  issues: Issue[];
}

/**
 * The axes of a file, as far as they are sound. Without a `target` axis, all targets are one, before the others; see
 * `hasImplicitTargets`.
 */
export function readAxes(section: unknown, targets: readonly string[]): CheckedAxes {
  const { include, exclude, ...lists } = asRecord(section);
  const declared = Object.entries(lists).filter((pair): pair is [string, unknown[]] =>
    Array.isArray(pair[1]),
  );
  const included = asEntries(include);
  const excluded = asEntries(exclude);
  const axes = new Map(declared.map(([axis, values]) => [axis, values.filter(isAxisValue)]));
  const all = hasImplicitTargets(axes, included) ? new Map([['target', [...targets]], ...axes]) : axes;
  const issues = [
    ...declared.flatMap(([axis, values]) => axisIssues(axis, values, targets)),
    ...included.flatMap((entry, index) => entryIssues(entry, ['matrix', 'include', index], targets)),
    ...excluded.flatMap((entry, index) => entryIssues(entry, ['matrix', 'exclude', index], targets)),
    ...excluded.flatMap((entry, index) => excludeIssues(entry, index, all, targets)),
    ...variableIssues([...axes.keys()], included),
  ];
  return { axes: all, include: included.map(toEntry), exclude: excluded.map(toEntry), issues };
}

function asEntries(list: unknown): RawEntry[] {
  return Array.isArray(list) ? list.map(asRecord) : [];
}

/** A matrix of nothing but `include` has a cell an entry; any other has the axis of all targets unless it names them. */
function hasImplicitTargets(axes: ReadonlyMap<string, unknown>, include: readonly RawEntry[]): boolean {
  return !axes.has('target') && (axes.size > 0 || include.length === 0);
}

function isAxisValue(value: unknown): value is AxisValue {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

function toEntry(entry: RawEntry): Entry {
  return new Map(Object.entries(entry).filter((pair): pair is [string, AxisValue] => isAxisValue(pair[1])));
}

function axisIssues(axis: string, values: readonly unknown[], targets: readonly string[]): Issue[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    const path = ['matrix', axis, index];
    if (!isAxisValue(value)) return [notAValue(path, value)];
    if (seen.has(identity(value))) {
      return [{ path, message: `the axis \`${axis}\` has ${quoted(valueText(value))} twice` }];
    }
    seen.add(identity(value));
    return [...innerIssues(value, path), ...(axis === 'target' ? targetIssues(value, path, targets) : [])];
  });
}

function entryIssues(entry: RawEntry, path: Path, targets: readonly string[]): Issue[] {
  return Object.entries(entry).flatMap(([key, value]) => {
    const at = [...path, key];
    if (!isAxisValue(value)) return [notAValue(at, value)];
    return [...innerIssues(value, at), ...(key === 'target' ? targetIssues(value, at, targets) : [])];
  });
}

function notAValue(path: Path, value: unknown): Issue {
  if (value === null)
    return { path, message: 'a value is missing here', hint: "write `''` for an empty text" };
  return { path, message: 'a value of the matrix is a single value or a map, not a list' };
}

function innerIssues(value: unknown, path: Path): Issue[] {
  if (value === null) return [notAValue(path, value)];
  if (typeof value !== 'object') return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => innerIssues(inner, [...path, key]));
}

function targetIssues(value: AxisValue, path: Path, targets: readonly string[]): Issue[] {
  if (typeof value === 'string' && targets.includes(value)) return [];
  const name = valueText(value);
  return [
    {
      path,
      message: `no target is called ${quoted(name)}`,
      hint: () => suggest(name, targets, 'targets'),
    },
  ];
}

/** An entry that cannot match anything is a typing error, not a wish. */
function excludeIssues(
  entry: RawEntry,
  index: number,
  axes: Axes['axes'],
  targets: readonly string[],
): Issue[] {
  return Object.entries(entry).flatMap(([key, value]): Issue[] => {
    const path = ['matrix', 'exclude', index, key];
    const values = axes.get(key);
    if (key === 'target' && values?.some((name) => !targets.includes(valueText(name)))) return [];
    if (values === undefined) {
      const hint = () => suggest(key, axes.keys(), 'axes');
      return [{ path, at: 'key', message: `no axis is called \`${key}\``, hint }];
    }
    if (!isAxisValue(value) || (key === 'target' && !targets.includes(valueText(value)))) return [];
    if (values.some((known) => identity(known) === identity(value))) return [];
    const text = valueText(value);
    const hint = () => suggest(text, values.map(valueText), 'values');
    return [{ path, message: `the axis \`${key}\` has no value ${quoted(text)}`, hint }];
  });
}

/** Two keys must not become the same variable in the guest. */
function variableIssues(axes: readonly string[], include: readonly RawEntry[]): Issue[] {
  const places = new Map<string, Path>(axes.map((axis) => [axis, ['matrix', axis]]));
  for (const [index, entry] of include.entries()) {
    for (const key of Object.keys(entry)) {
      if (!places.has(key)) places.set(key, ['matrix', 'include', index, key]);
    }
  }
  places.delete('target');
  const taken = new Map<string, string>(CELL_VARIABLES.map((name) => [name, 'vmtest itself']));
  return [...places].flatMap(([key, path]) => {
    const variable = axisVariable(key);
    const owner = taken.get(variable);
    taken.set(variable, `\`${key}\``);
    return owner === undefined
      ? []
      : [
          {
            path,
            at: 'key' as const,
            message: `\`${key}\` becomes \`${variable}\`, which is that of ${owner}`,
          },
        ];
  });
}
