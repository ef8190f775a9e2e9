/**
 * The JSON Schema for editors, from the same parts that the loader checks with. It is draft 7, which all editors know,
 * and differs where an editor sees the file before vmtest has read it: look-ups stand in place of values, plain scalars
 * stand for texts, and units are patterns.
 */
import { baseTarget, requiredOfAll } from '../../matrix/compose.ts';
import type { EngineSchema, EngineSchemas, JsonSchema, TextFormat } from '../../matrix/engine-schema.ts';
import { fileSchema } from '../../matrix/schema/file.ts';

type Json = Record<string, unknown>;

const LOOKUP = { $ref: '#/definitions/lookup' };

const PATTERNS: Partial<Record<TextFormat, string>> = {
  bytes: '^\\d+(\\.\\d+)?[KMGT](iB)?$',
  'time-span': '^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$',
  'time-span-range': '^(\\d+(\\.\\d+)?(ms|s|m|h|d))+(\\.\\.(\\d+(\\.\\d+)?(ms|s|m|h|d))+)?$',
};

export function publishedSchema(engines: EngineSchemas): Json {
  const { properties, ...file } = forEditors(fileSchema, true) as { properties: Json };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'vmtest matrix file',
    ...file,
    properties: {
      ...properties,
      version: forEditors(fileSchema.properties.version, false),
      secrets: forEditors(fileSchema.properties.secrets, false),
      targets: { ...(properties['targets'] as Json), additionalProperties: { $ref: '#/definitions/target' } },
      limits: knownEngineLimits(properties['limits'] as { properties: Json }, engines),
    },
    definitions: {
      lookup: {
        type: 'string',
        pattern: '\\$\\{\\{',
        description: 'A look-up, such as `$'.concat('{{ vars.x }}`.'),
      },
      keys: { properties: mapValues(baseTarget.properties, (key) => forEditors(key, true)) },
      target: anyTarget(engines),
      ...Object.fromEntries(
        Object.entries(engines).map(([name, engine]) => [`target-${name}`, targetOf(engine, name)]),
      ),
      'target-of-several': targetOfSeveral(engines),
    },
  };
}

/** Its engine decides which keys a target may have. */
function anyTarget(engines: EngineSchemas): Json {
  const branch = (engine: Json, name: string) => ({
    if: { type: 'object', properties: { engine }, required: ['engine'] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: { $ref: `#/definitions/${name}` },
  });
  const names = Object.keys(engines);
  const engine = {
    description: baseTarget.properties['engine']?.description,
    anyOf: [
      { enum: names },
      { type: 'array', items: { anyOf: [{ enum: names }, LOOKUP] }, minItems: 1, uniqueItems: true },
      LOOKUP,
    ],
  };
  return {
    type: 'object',
    required: ['engine'],
    properties: { engine },
    allOf: [
      ...names.map((name) => branch({ const: name }, `target-${name}`)),
      branch({ type: 'array' }, 'target-of-several'),
    ],
  };
}

function targetOf(engine: EngineSchema, name: string): Json {
  const { properties, required = [], anyOf } = engine.target;
  return {
    type: 'object',
    description: engine.description,
    additionalProperties: false,
    properties: {
      ...keyReferences(),
      ...mapValues(properties, (key) => forEditors(key, true)),
      engine: { const: name, description: baseTarget.properties['engine']?.description },
    },
    required: ['engine', ...required, ...requiredOfAll(engine)],
    ...(anyOf ? { anyOf } : {}),
  };
}

/** Looser than the loader, which demands that every key suits the engines of this list. */
function targetOfSeveral(engines: EngineSchemas): Json {
  const found = new Map<string, Json[]>();
  for (const [name, { target }] of Object.entries(engines)) {
    for (const key of Object.keys(target.properties)) {
      const reference = { $ref: `#/definitions/target-${name}/properties/${key}` };
      found.set(key, [...(found.get(key) ?? []), reference]);
    }
  }
  const properties = [...found].map(([key, [first, ...more]]) => [
    key,
    more.length > 0 ? { anyOf: [first, ...more] } : first,
  ]);
  return {
    type: 'object',
    additionalProperties: false,
    properties: { ...keyReferences(), ...Object.fromEntries(properties) },
  };
}

function keyReferences(): Json {
  return mapValues(baseTarget.properties, (_, key) => ({ $ref: `#/definitions/keys/properties/${key}` }));
}

function knownEngineLimits(limits: { properties: Json }, engines: EngineSchemas): Json {
  const schema = limits.properties['engines'] as Json;
  const propertyNames = { enum: Object.keys(engines) };
  return { ...limits, properties: { ...limits.properties, engines: { ...schema, propertyNames } } };
}

/** `lookups`: whether `$` + `{{ }}` may stand in place of a value. */
function forEditors(schema: JsonSchema, lookups: boolean): Json {
  const { format, expected, items, properties, propertyNames, additionalProperties, anyOf, ...plain } =
    schema;
  const published: Json = {
    ...plain,
    ...(items ? { items: forEditors(items, lookups) } : {}),
    ...(propertyNames ? { propertyNames: forEditors(propertyNames, false) } : {}),
    ...(properties ? { properties: mapValues(properties, (inner) => forEditors(inner, lookups)) } : {}),
    ...(anyOf ? { anyOf: anyOf.map((branch) => forEditors(branch, false)) } : {}),
    ...(format && PATTERNS[format] ? { pattern: PATTERNS[format] } : {}),
    ...(format === 'text' ? { type: ['string', 'number', 'boolean', 'null'] } : {}),
  };
  if (typeof additionalProperties === 'object')
    published['additionalProperties'] = forEditors(additionalProperties, lookups);
  else if (additionalProperties !== undefined) published['additionalProperties'] = additionalProperties;
  return lookups && needsLookup(schema) ? orLookup(published) : published;
}

/** Any text may be a look-up already; a number, a boolean or a text of some form may not. */
function needsLookup({ type, format, pattern, enum: some, const: only, anyOf }: JsonSchema): boolean {
  if (anyOf) return !anyOf.some((branch) => branch.type === 'string' && !needsLookup(branch));
  if (type === 'integer' || type === 'number' || type === 'boolean') return true;
  const restricted = pattern ?? some ?? only ?? (format && PATTERNS[format]);
  return type === 'string' && restricted !== undefined;
}

/** What people read stays outside, where editors look for it. */
function orLookup({ description, examples, default: standard, ...value }: Json): Json {
  const branches = (value['anyOf'] as unknown[] | undefined) ?? [value];
  return {
    ...(description === undefined ? {} : { description }),
    ...(examples === undefined ? {} : { examples }),
    ...(standard === undefined ? {} : { default: standard }),
    anyOf: [...branches, LOOKUP],
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  to: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value, key)]));
}
