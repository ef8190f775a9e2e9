/**
 * What an engine adds to the matrix file's schema. An engine's `schema.ts` exports one `EngineSchema`; `compose.ts`
 * makes the whole schema from them, so that this folder needs no driver.
 */

/** The part of JSON Schema (draft 7) that the matrix file's schema uses. Descriptions are Markdown. */
export interface JsonSchema {
  readonly type?: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';
  /** Meaning, unit and default for people; the reference page and the editors show it. */
  readonly description?: string;
  readonly examples?: readonly unknown[];
  /** Filled in by the loader. Say defaults that depend on the host or the guest in the description instead. */
  readonly default?: unknown;
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number | boolean)[];
  readonly format?: TextFormat;
  readonly pattern?: string;
  /** What `pattern` means in words, for messages: "64 hexadecimal digits". */
  readonly expected?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minProperties?: number;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
}

/**
 * Texts with a grammar of their own.
 *
 * - `bytes`: `512M`, `1.5G` (powers of 1024)
 * - `time-span`: `500ms`, `90s`, `1h30m`
 * - `time-span-range`: a time span, or two as `100ms..2s`
 * - `host-path`: a path on the host; the loader makes it absolute, relative to the matrix file's folder
 * - `host-path-or-url`: the same, or an `http(s)` URL, which is left alone and needs the key `sha256` beside it
 * - `regex`: a regular expression of JavaScript, without slashes
 * - `text`: any scalar, whose source text is kept (`3.10`, `yes`); the loader does so in `vars`, `matrix`, `test.env`
 *   and `with` of a target
 */
export type TextFormat =
  | 'bytes'
  | 'time-span'
  | 'time-span-range'
  | 'host-path'
  | 'host-path-or-url'
  | 'regex'
  | 'text';

export interface EngineSchema {
  /** What runs the machines, in one sentence, for the reference page. */
  readonly description: string;
  /** Defaults of keys that all targets have. Without one for `snapshot`, the key is required. */
  readonly defaults: { readonly snapshot?: string; readonly memory?: string };
  /** The engine's own keys, beside those that every target has. */
  readonly target: JsonSchema & {
    readonly type: 'object';
    readonly additionalProperties: false;
    readonly properties: Readonly<Record<string, JsonSchema>>;
  };
}

/** Engine name → fragment, in the order in which the reference page lists them. */
export type EngineSchemas = Readonly<Record<string, EngineSchema>>;
