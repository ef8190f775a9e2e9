/** What a schema expects and what a value is, in people's words. */
import type { JsonSchema } from './engine-schema.ts';
import { nearest } from './nearest.ts';
import { BYTE_FORMS, respellAmount, SPAN_FORMS } from './units.ts';

const LONGEST_SHOWN = 60;

/** Fits after "must be". */
export function expectation(schema: JsonSchema): string {
  if (schema.anyOf?.some((branch) => branch.type !== undefined)) return oneOf(schema.anyOf.map(expectation));
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return oneOf(schema.enum.map((value) => `\`${value}\``));
  if (schema.expected !== undefined) return schema.expected;
  switch (schema.type) {
    case 'string':
      return text(schema);
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return 'a list';
    default:
      return 'a map (keys with values)';
  }
}

function text({ format }: JsonSchema): string {
  if (format === 'bytes') return `an amount of memory such as ${BYTE_FORMS}`;
  if (format === 'time-span') return `a time span such as ${SPAN_FORMS}`;
  if (format === 'time-span-range') return 'a time span such as `2s`, or a range such as `100ms..2s`';
  if (format === 'host-path') return 'a path';
  if (format === 'host-path-or-url') return 'a path or an `https://` URL';
  if (format === 'regex') return 'a regular expression';
  return format === 'text' ? 'a single value' : 'text';
}

function range({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, ${minimum} or more`;
  return maximum === undefined ? '' : `, ${maximum} at most`;
}

function oneOf(words: readonly string[]): string {
  const unique = [...new Set(words)];
  if (unique.length < 2) return unique.join('');
  return `${unique.slice(0, -1).join(', ')} or ${unique.at(-1)}`;
}

/** Fits after "not". */
export function actually(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'number' ? `the number ${value}` : `\`${value}\``;
}

export function quoted(value: string): string {
  const cut = value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value;
  return JSON.stringify(cut);
}

/** How to mend a value that is not what the schema expects; undefined when the expectation says it all. */
export function remedy(schema: JsonSchema, value: unknown): string | undefined {
  const branches = [schema, ...(schema.anyOf ?? [])];
  for (const branch of branches) {
    const hint = branchRemedy(branch, value);
    if (hint !== undefined) return hint;
  }
  return undefined;
}

function branchRemedy(schema: JsonSchema, value: unknown): string | undefined {
  if (isScalar(value) && schema.type === 'array') return 'a list is written `[a, b]`, also with one value';
  if (typeof value === 'string') return respelled(schema, value);
  if (!isScalar(value) || schema.type !== 'string') return undefined;
  if (schema.format === 'bytes' || schema.format === 'time-span') return 'a bare number says no unit';
  return schema.enum || schema.const !== undefined || schema.pattern !== undefined
    ? undefined
    : 'put it in quotes';
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function respelled(schema: JsonSchema, value: string): string | undefined {
  if (isNumber(schema) && /^-?\d+$/.test(value)) return 'write it without quotes';
  const spelling = spellingOf(schema, value);
  return spelling === undefined ? undefined : `did you mean \`${spelling}\`?`;
}

function isNumber({ type }: JsonSchema): boolean {
  return type === 'integer' || type === 'number';
}

function spellingOf(schema: JsonSchema, value: string): string | undefined {
  const named = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (named) return nearest(value, named.map(String));
  if (schema.format === 'bytes' || schema.format === 'time-span') return respellAmount(value, schema.format);
  if (schema.type === 'boolean') return BOOLEANS.get(value.toLowerCase());
  return undefined;
}

const BOOLEANS = new Map([
  ...['true', 'yes', 'on', 'y', '1'].map((word) => [word, 'true'] as const),
  ...['false', 'no', 'off', 'n', '0'].map((word) => [word, 'false'] as const),
]);
