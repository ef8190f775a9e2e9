/** A value against a schema, by ajv; what is wrong comes out as issues in people's words. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { JsonSchema } from './engine-schema.ts';
import type { At } from './load.ts';
import { nearest, suggest } from './nearest.ts';
import { type Path, showPath } from './place.ts';
import { parseBytes, parseTimeSpan, parseTimeSpanRange } from './units.ts';
import { actually, expectation, remedy } from './words.ts';

/** A function when it takes a search: most of many issues are never shown. */
export type Hint = string | undefined | (() => string | undefined);

/** Something wrong at a path of the document. */
export interface Issue {
  path: Path;
  message: string;
  hint?: Hint;
  /** Default: at the value. */
  at?: At;
}

export type Check = (value: unknown, root?: Path) => Issue[];

/** With `verbose`, ajv tells the schema around the keyword that failed. */
type SchemaError = Omit<ErrorObject<string, Record<string, unknown>>, 'parentSchema'> & {
  parentSchema?: JsonSchema;
};

/** More than anybody reads; each costs a search in the document. */
const MOST_ERRORS = 200;

const ajv = new Ajv({
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  verbose: true,
});
ajv.addKeyword({ keyword: 'expected', schemaType: 'string' });
ajv.addFormat('bytes', (text: string) => parseBytes(text) !== undefined);
ajv.addFormat('time-span', (text: string) => parseTimeSpan(text) !== undefined);
ajv.addFormat('time-span-range', (text: string) => parseTimeSpanRange(text) !== undefined);
ajv.addFormat('host-path', (text: string) => !/^[a-z][a-z0-9+.-]+:\/\//i.test(text));
ajv.addFormat('host-path-or-url', (text: string) => !/^(?!https?:\/\/)[a-z][a-z0-9+.-]+:\/\//i.test(text));
ajv.addFormat('regex', isPattern);
ajv.addFormat('text', true);

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** A schema as a function. `root` is where in the document the value lies. Each schema is compiled once. */
export function compileCheck(schema: JsonSchema): Check {
  let validate: ValidateFunction | undefined;
  return (value, root = []) => {
    validate ??= ajv.compile(schema);
    if (validate(value)) return [];
    const errors = (validate.errors ?? []) as SchemaError[];
    return relevant(errors.slice(0, MOST_ERRORS)).map((error) => inWords(error, pathOf(error, value, root)));
  };
}

/**
 * ajv reports every branch of an `anyOf` and then the `anyOf` itself. When just one branch is of the value's type, its
 * own errors say more; else the whole choice does.
 */
function relevant(errors: readonly SchemaError[]): SchemaError[] {
  const choices = errors.filter((error) => error.keyword === 'anyOf');
  const meant = new Set(errors.flatMap(meantKey));
  return errors.filter((error) => {
    if (error.keyword === 'propertyNames') return false; // the name's own error is there too
    if (missingKeys(error).some((key) => meant.has(key))) return false;
    if (error.keyword === 'anyOf') return branchOf(error) === undefined;
    return choices.every((choice) => {
      if (!error.schemaPath.startsWith(`${choice.schemaPath}/`) || !isAtOrBelow(error, choice)) return true;
      const branch = branchOf(choice);
      return branch !== undefined && error.schemaPath.startsWith(`${choice.schemaPath}/${branch}/`);
    });
  });
}

/** The key that an unknown one was meant to be: that it is missing needs no second word. */
function meantKey(error: SchemaError): string[] {
  if (error.keyword !== 'additionalProperties') return [];
  const known = Object.keys(error.parentSchema?.properties ?? {});
  const key = nearest(String(error.params['additionalProperty']), known);
  return key === undefined ? [] : [`${error.instancePath} ${key}`];
}

function missingKeys({ keyword, params, parentSchema = {}, instancePath }: SchemaError): string[] {
  if (keyword === 'required') return [`${instancePath} ${params['missingProperty']}`];
  if (keyword !== 'anyOf' || !isChoiceOfKeys(parentSchema)) return [];
  return (parentSchema.anyOf ?? []).flatMap(({ required = [] }) =>
    required.map((key) => `${instancePath} ${key}`),
  );
}

function isAtOrBelow(error: SchemaError, choice: SchemaError): boolean {
  return (
    error.instancePath === choice.instancePath || error.instancePath.startsWith(`${choice.instancePath}/`)
  );
}

function branchOf(choice: SchemaError): number | undefined {
  const branches = choice.parentSchema?.anyOf ?? [];
  const fitting = branches.flatMap((branch, index) => (isOfType(choice.data, branch) ? [index] : []));
  const [only, another] = fitting;
  return another === undefined && only !== undefined && !isNamed(branches[only]) ? only : undefined;
}

function isOfType(value: unknown, { type }: JsonSchema): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === (type === 'integer' ? 'number' : type);
}

/** `auto` or a number: for any text, the whole choice is the better answer. */
function isNamed(branch: JsonSchema | undefined): boolean {
  return branch?.const !== undefined || branch?.enum !== undefined;
}

function pathOf(error: SchemaError, value: unknown, root: Path): Path {
  const path: (string | number)[] = [...root];
  let at = value;
  for (const part of error.instancePath.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(at) ? Number(name) : name);
    at = (at as Record<string, unknown>)[name];
  }
  return path;
}

function inWords(error: SchemaError, path: Path): Issue {
  const schema = error.parentSchema ?? {};
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(path, String(error.params['additionalProperty']), schema);
    case 'required':
      return missingKey(path, String(error.params['missingProperty']), schema);
    case 'anyOf':
      return isChoiceOfKeys(schema) ? missingChoice(path, schema) : mismatch(path, error.data, schema);
    case 'minProperties':
    case 'minItems':
    case 'uniqueItems':
      return shapeIssue(error, path, schema);
    default:
      if (error.propertyName !== undefined) return badName(path, error.propertyName, schema);
      return mismatch(path, error.data, schema);
  }
}

function unknownKey(path: Path, key: string, schema: JsonSchema): Issue {
  const where = path.length === 0 ? '' : ` in \`${showPath(path)}\``;
  return {
    path: [...path, key],
    at: 'key',
    message: `unknown key \`${key}\`${where}`,
    hint: () => suggest(key, Object.keys(schema.properties ?? {})),
  };
}

function missingKey(path: Path, key: string, schema: JsonSchema): Issue {
  const example = schema.properties?.[key]?.examples?.[0];
  const where = path.length === 0 ? 'the file' : `\`${showPath(path)}\``;
  const hint = typeof example === 'string' ? `for example \`${key}: ${example}\`` : undefined;
  return { path, at: 'key', message: `${where} needs the key \`${key}\``, hint };
}

/** `anyOf: [{ required: [a] }, { required: [b] }]`. */
function isChoiceOfKeys(schema: JsonSchema): boolean {
  return schema.anyOf?.every((branch) => branch.required !== undefined && branch.type === undefined) ?? false;
}

function missingChoice(path: Path, schema: JsonSchema): Issue {
  const keys = (schema.anyOf ?? []).map((branch) => `\`${branch.required?.join('` and `')}\``);
  return { path, at: 'key', message: `\`${showPath(path)}\` needs ${keys.join(' or ')}` };
}

function shapeIssue(error: SchemaError, path: Path, schema: JsonSchema): Issue {
  const where = `\`${showPath(path)}\``;
  if (error.keyword === 'uniqueItems') {
    return { path: [...path, Number(error.params['i'])], message: `${where} lists the same value twice` };
  }
  const what = schema.type === 'array' ? 'value' : 'key';
  return { path, at: 'key', message: `${where} is empty: it needs at least one ${what}` };
}

function badName(path: Path, name: string, schema: JsonSchema): Issue {
  return {
    path: [...path, name],
    at: 'key',
    message: `\`${name}\` cannot be a name in \`${showPath(path)}\``,
    hint: schema.expected === undefined ? undefined : `a name is ${schema.expected}`,
  };
}

/** A value that is not what the schema expects. */
export function mismatch(path: Path, value: unknown, schema: JsonSchema): Issue {
  if (value === '') return { path, message: `\`${showPath(path)}\` must not be empty` };
  const message = `\`${showPath(path)}\` must be ${expectation(schema)}, not ${actually(value)}`;
  return { path, message, hint: remedy(schema, value) };
}
