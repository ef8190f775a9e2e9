/** What `${{ context.name }}` can look up, and what is said when it cannot. */
import type { Lookup, LookupFault } from './expressions.ts';
import { nearest, suggest } from './nearest.ts';

export type ContextName = 'matrix' | 'target' | 'vars' | 'env';

export interface Context {
  /** The text of a name; undefined for an unknown one. */
  get(names: readonly string[]): string | undefined;
  /** Says what is wrong with an unknown name. */
  unknown(lookup: Lookup): Omit<LookupFault, 'index'>;
}

export type Contexts = Readonly<Partial<Record<ContextName, Context>>>;

const CONTEXTS: readonly ContextName[] = ['matrix', 'target', 'vars', 'env'];

export function resolveLookup(lookup: Lookup, contexts: Contexts): { text: string } | LookupFault {
  const context = Object.hasOwn(contexts, lookup.context)
    ? contexts[lookup.context as ContextName]
    : undefined;
  if (context === undefined) return { index: lookup.index, ...noContext(lookup, contexts) };
  const text = context.get(lookup.names);
  return text === undefined ? { index: lookup.index, ...context.unknown(lookup) } : { text };
}

function noContext(lookup: Lookup, contexts: Contexts): Omit<LookupFault, 'index'> {
  const here = Object.keys(contexts).map((name) => `\`${name}\``);
  const hint = here.length === 0 ? 'write the value itself' : `here: ${here.join(', ')}`;
  if (CONTEXTS.includes(lookup.context as ContextName)) {
    return { message: `\`${lookup.context}\` cannot be looked up here`, hint };
  }
  const instead = lookup.context === 'secrets' ? 'env' : nearest(lookup.context, Object.keys(contexts));
  const better = instead === undefined ? hint : `did you mean \`${instead}.${lookup.names.join('.')}\`?`;
  return { message: `nothing is called \`${lookup.context}\``, hint: better };
}

export function envContext(env: Readonly<Record<string, string | undefined>>): Context {
  return {
    get: (names) => (names.length === 1 ? own(env, names[0] as string) : undefined),
    unknown({ names }) {
      const name = names.join('.');
      const hint = () => {
        const near = nearest(name, Object.keys(env));
        return near === undefined ? 'set it in the environment of vmtest' : `did you mean \`env.${near}\`?`;
      };
      return { message: `the environment variable \`${name}\` is not set`, hint };
    },
  };
}

export function varsContext(vars: Readonly<Record<string, unknown>>): Context {
  return {
    get(names) {
      const value = names.length === 1 ? own(vars, names[0] as string) : undefined;
      return typeof value === 'string' ? value : undefined;
    },
    unknown: ({ source }) => ({
      message: `\`${source}\` is not defined`,
      hint: () =>
        suggest(
          source,
          Object.keys(vars).map((name) => `vars.${name}`),
          'defined',
        ),
    }),
  };
}

/**
 * Values of one target or cell. A name that another one has is known, and empty here; `known` lists all of them, dotted.
 */
export function valuesContext(
  name: 'matrix' | 'target',
  values: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
): Context {
  return {
    get(names) {
      const text = asText(dig(values, names));
      return text ?? (known.has(names.join('.')) ? '' : undefined);
    },
    unknown: ({ source }) => ({
      message: `\`${source}\` is not defined${name === 'matrix' ? ' by any axis or include' : ' by any target'}`,
      hint: () =>
        suggest(
          source,
          [...known].map((path) => `${name}.${path}`),
          'defined',
        ),
    }),
  };
}

/** Every dotted name that reaches into a tree of values, inner ones included: `guest`, `guest.user`. */
export function dottedNames(value: unknown, prefix = '', names: Set<string> = new Set()): Set<string> {
  if (prefix !== '') names.add(prefix);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return names;
  for (const [key, inner] of Object.entries(value)) {
    dottedNames(inner, prefix === '' ? key : `${prefix}.${key}`, names);
  }
  return names;
}

/** A value as text: maps and lists as compact JSON. */
export function asText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function dig(values: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  let value: unknown = values;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = own(value as Record<string, unknown>, name);
  }
  return value;
}

function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
