/** `schema/results.schema.json`: the schema with its parts named once and referred to. */
import { RESULTS_SCHEMA, SCHEMA_PARTS } from './schema.ts';

export function publishedSchema(): object {
  const names = new Map(Object.entries(SCHEMA_PARTS).map(([name, part]) => [part, name]));
  const refer = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(refer);
    if (typeof node !== 'object' || node === null) return node;
    const name = names.get(node);
    return name === undefined ? referInside(node) : { $ref: `#/$defs/${name}` };
  };
  const referInside = (node: object): object =>
    Object.fromEntries(Object.entries(node).map(([key, value]) => [key, refer(value)]));
  const parts = Object.entries(SCHEMA_PARTS).map(([name, part]) => [name, referInside(part)]);
  return { ...referInside(RESULTS_SCHEMA), $defs: Object.fromEntries(parts) };
}
