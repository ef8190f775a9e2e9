/** The published schemas: each with its parts named once and referred to. */
import { EVENT_PARTS, EVENTS_SCHEMA } from './events-schema.ts';
import { RESULTS_SCHEMA, SCHEMA_PARTS } from './schema.ts';

/** `schema/results.schema.json` */
export function publishedSchema(): object {
  return withNamedParts(RESULTS_SCHEMA, SCHEMA_PARTS);
}

/** `schema/events.schema.json` */
export function publishedEventsSchema(): object {
  return withNamedParts(EVENTS_SCHEMA, { ...SCHEMA_PARTS, ...EVENT_PARTS });
}

function withNamedParts(schema: object, named: Readonly<Record<string, object>>): object {
  const names = new Map(Object.entries(named).map(([name, part]) => [part, name]));
  const refer = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(refer);
    if (typeof node !== 'object' || node === null) return node;
    const name = names.get(node);
    return name === undefined ? referInside(node) : { $ref: `#/$defs/${name}` };
  };
  const referInside = (node: object): object =>
    Object.fromEntries(Object.entries(node).map(([key, value]) => [key, refer(value)]));
  const parts = Object.entries(named).map(([name, part]) => [name, referInside(part)]);
  return { ...referInside(schema), $defs: Object.fromEntries(parts) };
}
