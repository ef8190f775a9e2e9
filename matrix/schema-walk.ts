/** Walks over values along their schema. The schemas here have no references, so that every step is plain. */
import type { JsonSchema } from './engine-schema.ts';
import type { Path } from './place.ts';

/** A leaf's new value. `schemas` are all that may apply to it: choices are not decided. */
export type OnLeaf = (value: unknown, schemas: readonly JsonSchema[], path: Path) => unknown;

/** A copy of `value` with every scalar replaced by what `onLeaf` makes of it. */
export function mapLeaves(
  value: unknown,
  schemas: readonly JsonSchema[],
  onLeaf: OnLeaf,
  path: Path = [],
): unknown {
  const all = schemas.flatMap(withBranches);
  if (Array.isArray(value)) {
    const items = all.flatMap(({ items }) => items ?? []);
    return value.map((item, index) => mapLeaves(item, items, onLeaf, [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return onLeaf(value, all, path);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      mapLeaves(inner, propertySchemas(all, key), onLeaf, [...path, key]),
    ]),
  );
}

/** A copy of `value` with the schema's defaults put where a key is missing. */
export function withDefaults(value: unknown, schema: JsonSchema): unknown {
  if (Array.isArray(value))
    return value.map((item) => (schema.items ? withDefaults(item, schema.items) : item));
  if (typeof value !== 'object' || value === null) return value;
  const branch = schema.properties ? schema : schema.anyOf?.find(({ properties }) => properties);
  const filled: Record<string, unknown> = { ...value };
  for (const [key, property] of Object.entries(branch?.properties ?? {})) {
    if (Object.hasOwn(filled, key)) filled[key] = withDefaults(filled[key], property);
    else if (property.default !== undefined) filled[key] = structuredClone(property.default);
  }
  return filled;
}

function propertySchemas(schemas: readonly JsonSchema[], key: string): JsonSchema[] {
  return schemas.flatMap(({ properties, additionalProperties }) => {
    if (properties && Object.hasOwn(properties, key)) return [properties[key] as JsonSchema];
    return typeof additionalProperties === 'object' ? [additionalProperties] : [];
  });
}

function withBranches(schema: JsonSchema & { allOf?: readonly JsonSchema[] }): JsonSchema[] {
  return [schema, ...[...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap(withBranches)];
}
