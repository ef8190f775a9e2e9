/** The reference page of the matrix file, from the descriptions in the schema. */
import { baseTarget } from '../../matrix/compose.ts';
import type { EngineSchemas, JsonSchema, TextFormat } from '../../matrix/engine-schema.ts';
import { fileSchema } from '../../matrix/schema/file.ts';
import { expectation } from '../../matrix/words.ts';

const SECTIONS: readonly string[] = ['matrix', 'test', 'limits', 'retries', 'timeouts'];

/** `intro` is the hand-written part; the tables follow it. */
export function referencePage(intro: string, engines: EngineSchemas): string {
  const top = Object.entries<JsonSchema>(fileSchema.properties);
  const parts = [
    intro.trimEnd(),
    '## Keys of the file',
    table(top.map(([key, schema]) => [key, schema])),
    '## Keys of every target',
    table(flat(baseTarget)),
    ...Object.entries(engines).flatMap(([name, engine]) => [
      `## Keys of a \`${name}\` target`,
      `${engine.description}${defaults(engine.defaults)}`,
      table(flat(engine.target)),
    ]),
    ...top
      .filter(([key]) => SECTIONS.includes(key))
      .flatMap(([key, schema]) => [`## Keys of \`${key}\``, table(flat(schema))]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function defaults({ snapshot, memory }: { snapshot?: string; memory?: string }): string {
  const said = [
    snapshot === undefined ? '`snapshot` is required' : `\`snapshot\` defaults to \`${snapshot}\``,
    ...(memory === undefined ? [] : [`\`memory\` to \`${memory}\``]),
  ];
  return ` ${said.join(', ')}.`.replace(/^ `s/, ' Here `s');
}

type Row = [key: string, schema: JsonSchema];

/** Keys of inner maps are rows too: `guest.user`. Many keys with one schema are one row: `latency.*`. */
function flat({ properties = {} }: JsonSchema, prefix = ''): Row[] {
  const groups = new Map<JsonSchema, string[]>();
  for (const [key, schema] of Object.entries(properties))
    groups.set(schema, [...(groups.get(schema) ?? []), key]);
  return [...groups].flatMap(([schema, keys]): Row[] => {
    const key = `${prefix}${keys.length > 3 ? '*' : keys.join('|')}`;
    const own: Row = [key, keys.length > 1 ? { ...schema, description: forKeys(keys, schema) } : schema];
    return [own, ...flat(schema, `${key}.`)];
  });
}

function forKeys(keys: readonly string[], { description = '' }: JsonSchema): string {
  return `${description} Keys: ${keys.map((key) => `\`${key}\``).join(', ')}.`.trim();
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ([key, schema]) => `| \`${cell(key)}\` | ${cell(kind(schema))} | ${cell(meaning(schema))} |`,
  );
  return ['| key | value | meaning |', '|---|---|---|', ...lines].join('\n');
}

const FORMATS: Partial<Record<TextFormat, string>> = {
  bytes: 'amount of memory',
  'time-span': 'time span',
  'time-span-range': 'time span or range',
  'host-path-or-url': 'path or URL',
  regex: 'regular expression',
};

function kind(schema: JsonSchema): string {
  if (schema.type === 'array') return `list of ${schema.items ? plural(schema.items) : 'values'}`;
  if (schema.anyOf) return schema.anyOf.map(kind).join(', or ');
  if (schema.type === 'object') return 'map';
  return (schema.format && FORMATS[schema.format]) ?? expectation(schema).replace(/^an? /, '');
}

function plural({ anyOf, type, expected, format }: JsonSchema): string {
  if (anyOf) return anyOf.map(plural).join(' or ');
  if (type === 'object') return 'maps';
  return expected === undefined && format === undefined ? 'texts' : 'names';
}

function meaning({ description = '', examples = [] }: JsonSchema): string {
  const shown = examples.map((example) => `\`${inYaml(example)}\``).join(', ');
  return shown === '' ? description : `${description} Example: ${shown}`;
}

/** Flow style YAML on one line, as it could stand in a file. */
function inYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inYaml).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return scalar(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${inYaml(inner)}`);
  return `{ ${entries.join(', ')} }`;
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return /^[*&!|>@%'"`]|[{}[\],#]|: |^$/.test(value) ? JSON.stringify(value) : value;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
