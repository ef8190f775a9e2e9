/** The schema of a target: what all targets have, and what its engines add. */
import type { EngineSchema, EngineSchemas, JsonSchema } from './engine-schema.ts';
import { targetSchema } from './schema/target.ts';

/** `allOf` only arises here: a key that several engines know must suit them all. */
export interface ComposedSchema extends JsonSchema {
  readonly properties: Readonly<Record<string, JsonSchema & { readonly allOf?: readonly JsonSchema[] }>>;
  readonly allOf?: readonly JsonSchema[];
}

export const baseTarget: JsonSchema & { readonly properties: Readonly<Record<string, JsonSchema>> } =
  targetSchema;

/** For a target that lists `names` (known ones): the keys of all of them, the requirements of each. */
export function composeTarget(names: readonly string[], engines: EngineSchemas): ComposedSchema {
  const parts = names.map((name) => engines[name] as EngineSchema);
  const required = parts.flatMap((part) => [...(part.target.required ?? []), ...requiredOfAll(part)]);
  const choices = parts.flatMap((part) => (part.target.anyOf ? [{ anyOf: part.target.anyOf }] : []));
  return {
    type: 'object',
    additionalProperties: false,
    properties: { ...baseTarget.properties, ...mergeProperties(parts) },
    required: [...new Set([...(baseTarget.required ?? []), ...required])],
    ...(choices.length > 0 ? { allOf: choices } : {}),
  };
}

/** Without a default of its own, an engine needs to be told the snapshot. */
export function requiredOfAll(engine: EngineSchema): string[] {
  return engine.defaults.snapshot === undefined ? ['snapshot'] : [];
}

function mergeProperties(parts: readonly EngineSchema[]): ComposedSchema['properties'] {
  const found = new Map<string, JsonSchema[]>();
  for (const { target } of parts) {
    for (const [key, schema] of Object.entries(target.properties)) {
      found.set(key, [...(found.get(key) ?? []), schema]);
    }
  }
  return Object.fromEntries(
    [...found].map(([key, [first, ...more]]) => [
      key,
      more.length > 0 ? { allOf: [first as JsonSchema, ...more] } : (first as JsonSchema),
    ]),
  );
}

/** Engines that know a key, for the hint when it stands in a target of another one. */
export function enginesWithKey(key: string, engines: EngineSchemas): string[] {
  return Object.entries(engines)
    .filter(([, { target }]) => Object.hasOwn(target.properties, key))
    .map(([name]) => name);
}
