/**
 * Which cells of a matrix are meant. A selector is one of
 *
 * - a cell's id, or the beginning of ids up to a `/`: `debian-12`, `debian-12/node=22`;
 * - a glob over the same: `*` stays within a segment, `**` crosses `/`: `debian-*`, `debian-1?/node=22`;
 * - `axis=value` (the value may be a glob), also of keys that an include added, and `target=name`;
 * - `!` before any of these: leave out what it means.
 *
 * Ids and globs add up. Axis selectors narrow: of one axis either value will do, different axes must all fit.
 */
import picomatch from 'picomatch';
import { VmtestError } from '../src/host/errors.ts';
import type { Cell } from './model.ts';
import { nearest, suggest } from './nearest.ts';

type Selectable = Pick<Cell, 'id' | 'target' | 'values'>;
type Matches = (cell: Selectable) => boolean;

const LONGEST = 1000;

/**
 * The cells that the selectors mean, in the file's order; all of them without selectors. May be empty when selectors
 * that each mean something leave nothing together.
 * @throws VmtestError `SELECTOR_UNMATCHED` when one of them means no cell at all.
 */
export function selectCells<Some extends Selectable>(
  cells: readonly Some[],
  selectors: readonly string[],
): Some[] {
  const parsed = selectors.map((selector) => parse(selector, cells));
  const named = parsed.filter(({ kind }) => kind === 'name');
  const without = parsed.filter(({ kind }) => kind === 'not');
  const narrowing = byAxis(parsed);
  return cells.filter(
    (cell) =>
      (named.length === 0 || named.some(({ matches }) => matches(cell))) &&
      narrowing.every((values) => values.some(({ matches }) => matches(cell))) &&
      !without.some(({ matches }) => matches(cell)),
  );
}

function byAxis(selectors: readonly Selector[]): Selector[][] {
  const groups = new Map<string, Selector[]>();
  for (const selector of selectors) {
    if (selector.kind !== 'axis' || selector.axis === undefined) continue;
    groups.set(selector.axis, [...(groups.get(selector.axis) ?? []), selector]);
  }
  return [...groups.values()];
}

interface Selector {
  kind: 'name' | 'axis' | 'not';
  axis?: string | undefined;
  matches: Matches;
}

function parse(text: string, cells: readonly Selectable[]): Selector {
  const negated = text.startsWith('!');
  const body = negated ? text.slice(1) : text;
  if (body === '' || body.length > LONGEST)
    throw unmatched(text, 'a selector is the id of a cell, or a part of it');
  const [, axis, value] = /^([A-Za-z_][A-Za-z0-9_-]*)=(.*)$/s.exec(body) ?? [];
  const matches =
    axis === undefined || value === undefined ? idMatcher(body) : axisMatcher(axis, value, text, cells);
  if (!cells.some(matches)) throw unmatched(text, hintFor(body, axis, cells));
  return { kind: negated ? 'not' : axis === undefined ? 'name' : 'axis', axis, matches };
}

function idMatcher(body: string): Matches {
  const prefix = `${body.replace(/\/+$/, '')}/`;
  const isMatch = globMatcher(body);
  return ({ id }) => `${id}/`.startsWith(prefix) || segmentEnds(id).some((end) => isMatch(id.slice(0, end)));
}

function segmentEnds(id: string): number[] {
  return [...id.matchAll(/\/|$/g)].map(({ index }) => index);
}

function axisMatcher(axis: string, value: string, text: string, cells: readonly Selectable[]): Matches {
  const known = new Set(['target', ...cells.flatMap(({ values }) => Object.keys(values))]);
  if (!known.has(axis)) throw unmatched(text, suggest(axis, known, 'axes'));
  const isMatch = globMatcher(value);
  return (cell) => {
    const own = ownValue(cell, axis);
    return own !== undefined && (own === value || isMatch(own));
  };
}

function ownValue({ target, values }: Selectable, axis: string): string | undefined {
  if (axis === 'target') return target;
  return Object.hasOwn(values, axis) ? values[axis] : undefined;
}

/** picomatch 4.0.7 never returns from a pattern that ends in three backslashes: such a one is no glob. */
function globMatcher(pattern: string): (text: string) => boolean {
  if (!/[*?[{(]/.test(pattern) || pattern.endsWith('\\')) return (text) => text === pattern;
  return picomatch(pattern, { dot: true, nonegate: true, windows: false });
}

function hintFor(body: string, axis: string | undefined, cells: readonly Selectable[]): string {
  const known =
    axis === undefined
      ? cells.flatMap(({ id }) => segmentEnds(id).map((end) => id.slice(0, end)))
      : cells.map((cell) => `${axis}=${ownValue(cell, axis) ?? ''}`);
  const near = nearest(body, new Set(known));
  return near === undefined ? '`vmtest list` shows all cells' : `did you mean \`${near}\`?`;
}

function unmatched(selector: string, hint: string | undefined): VmtestError {
  return new VmtestError('SELECTOR_UNMATCHED', `no cell is meant by \`${selector}\``, {
    ...(hint === undefined ? {} : { hint }),
  });
}
