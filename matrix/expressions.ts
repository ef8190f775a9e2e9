// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
/** Texts with `${{ context.name }}` in them, parsed. Plain look-ups only; `$${{` is a `${{` that stays as it is. */

export interface Lookup {
  /** `matrix`, `target`, `vars`, `env`, or whatever the file says. */
  context: string;
  names: readonly string[];
  /** As written between the braces. */
  source: string;
  /** Which `${{` of the text it is, from 0: for its place in the file. */
  index: number;
}

export interface LookupFault {
  index: number;
  message: string;
  hint?: string | undefined | (() => string | undefined);
}

export interface Template {
  parts: readonly (string | Lookup)[];
  faults: readonly LookupFault[];
}

const LOOKUP = /^([A-Za-z_][A-Za-z0-9_-]*)\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)$/;
const ONLY_LOOKUPS =
  'only look-ups such as `${{ matrix.node }}` are known: no operators, functions or defaults';

/** Texts come again for each cell. Bounded in characters, since a process may load many files. */
const cache = new Map<string, Template>();
const MOST_CACHED = 4_000_000;
let cached = 0;

export function hasLookup(text: string): boolean {
  return text.includes('${{');
}

export function parseTemplate(text: string): Template {
  if (!hasLookup(text)) return { parts: [text], faults: [] };
  const known = cache.get(text);
  if (known) return known;
  if (cached + text.length > MOST_CACHED) {
    cache.clear();
    cached = 0;
  }
  const template = parse(text);
  cache.set(text, template);
  cached += text.length;
  return template;
}

/** The look-up of a text that is nothing else. */
export function soleLookup(text: string): Lookup | undefined {
  const [part, ...more] = parseTemplate(text).parts;
  return typeof part === 'object' && more.length === 0 ? part : undefined;
}

function parse(text: string): Template {
  const parts: (string | Lookup)[] = [];
  const faults: LookupFault[] = [];
  let done = 0;
  let index = 0;
  for (let open = text.indexOf('${{'); open !== -1; open = text.indexOf('${{', open + 3), index += 1) {
    if (open < done) continue;
    if (text[open - 1] === '$' && open > done) {
      parts.push(text.slice(done, open - 1));
      done = open;
      continue;
    }
    const close = text.indexOf('}}', open);
    if (close === -1) {
      faults.push({
        index,
        message: '`${{` has no `}}`',
        hint: 'write `$${{` for a `${{` that is meant as text',
      });
      break;
    }
    const part = parseLookup(text.slice(open + 3, close).trim(), index);
    if ('message' in part) faults.push(part);
    else parts.push(text.slice(done, open), part);
    done = close + 2;
  }
  parts.push(text.slice(done));
  return { parts: parts.filter((part) => part !== ''), faults };
}

function parseLookup(source: string, index: number): Lookup | LookupFault {
  const [, context, names] = LOOKUP.exec(source) ?? [];
  if (context !== undefined && names !== undefined)
    return { context, names: names.split('.'), source, index };
  if (source === '') return { index, message: '`${{ }}` is empty', hint: ONLY_LOOKUPS };
  return { index, message: `\`${shorten(source)}\` is not a look-up`, hint: ONLY_LOOKUPS };
}

function shorten(source: string): string {
  const line = source.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
