/** Values of axes: texts, or maps of them. */
import { asText } from './contexts.ts';

/** Scalars keep their source text, also inside of maps. */
export type AxisValue = string | Readonly<Record<string, unknown>>;

/** What is shown, put into `VMTEST_<AXIS>` and looked up: maps as compact JSON. */
export function valueText(value: AxisValue): string {
  return asText(value) ?? '';
}

const identities = new WeakMap<object, string>();

/** Equal for equal values: of maps, the order of keys does not matter. A text never equals a map. */
export function identity(value: AxisValue): string {
  if (typeof value === 'string') return value;
  const known = identities.get(value);
  if (known !== undefined) return known;
  const made = `\0${JSON.stringify(sorted(value))}`;
  identities.set(value, made);
  return made;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
