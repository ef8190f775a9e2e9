/**
 * A look-up stands for text. Where the schema wants a number or a boolean, and the value is nothing but a look-up, the
 * text is read as one: `cpus: ${{ vars.cpus }}`.
 */
import type { JsonSchema } from './engine-schema.ts';
import type { Path } from './place.ts';
import { mapLeaves } from './schema-walk.ts';

export function retype(
  value: unknown,
  schema: JsonSchema,
  isSoleLookup: (path: Path) => boolean,
  root: Path,
): unknown {
  return mapLeaves(
    value,
    [schema],
    (leaf, schemas, path) => (typeof leaf === 'string' && isSoleLookup(path) ? typed(leaf, schemas) : leaf),
    root,
  );
}

function typed(text: string, schemas: readonly JsonSchema[]): string | number | boolean {
  if (schemas.some(takesAnyText)) return text;
  for (const { type } of schemas) {
    if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
    if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
    if (type === 'number' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  }
  return text;
}

function takesAnyText({ type, const: only, enum: some }: JsonSchema): boolean {
  return type === 'string' && only === undefined && some === undefined;
}
