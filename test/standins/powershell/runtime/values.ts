/** What variables hold, and how PowerShell sees it as text and as true or false. */
import type { Block } from '../language/ast.ts';

export type Value =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Value[]
  | Hashtable
  | PsObject
  | EnumValue
  | Guid
  | ScriptBlock
  | TypeName;

/** Keys in their order; case does not matter. */
export class Hashtable {
  readonly entries = new Map<string, { key: string; value: Value }>();

  get(key: string): Value {
    return this.entries.get(key.toLowerCase())?.value ?? null;
  }

  set(key: string, value: Value): void {
    const known = this.entries.get(key.toLowerCase());
    this.entries.set(key.toLowerCase(), { key: known?.key ?? key, value });
  }

  toObject(): Record<string, Value> {
    return Object.fromEntries([...this.entries.values()].map(({ key, value }) => [key, value]));
  }
}

/** One that gives nothing back gives an empty list, which comes apart into nothing. */
export type Method = (...args: Value[]) => Value | Promise<Value>;

/** A .NET object: what is asked for and not there is `$null`, as without strict mode; methods have to be there. */
export class PsObject {
  readonly type: string;
  readonly #members: Map<string, Value>;
  readonly #writable: readonly string[];
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #text: string;

  constructor(
    type: string,
    members: Record<string, Value>,
    {
      methods = {},
      text = type,
      writable = [],
    }: { methods?: Record<string, Method>; text?: string; writable?: readonly string[] } = {},
  ) {
    this.type = type;
    this.#text = text;
    this.#writable = writable;
    this.#members = new Map(Object.entries(members).map(([name, value]) => [name.toLowerCase(), value]));
    this.#methods = new Map(Object.entries(methods).map(([name, method]) => [name.toLowerCase(), method]));
  }

  get(name: string): Value {
    return this.#members.get(name.toLowerCase()) ?? null;
  }

  set(name: string, value: Value): void {
    if (!this.#writable.includes(name)) throw new Error(`${this.type} has no ${name} that could be set`);
    this.#members.set(name.toLowerCase(), value);
  }

  method(name: string): Method | undefined {
    return this.#methods.get(name.toLowerCase());
  }

  toString(): string {
    return this.#text;
  }
}

/** As text it is its name, as JSON its number. */
export class EnumValue {
  readonly name: string;
  readonly number: number;

  constructor(name: string, number: number) {
    this.name = name;
    this.number = number;
  }
}

export class Guid {
  readonly text: string;

  constructor(text: string) {
    this.text = text.toLowerCase();
  }
}

export class ScriptBlock {
  readonly block: Block;

  constructor(block: Block) {
    this.block = block;
  }
}

export class TypeName {
  readonly name: string;

  constructor(name: string) {
    this.name = name.toLowerCase();
  }
}

/** What `"$value"` gives. */
export function toText(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return value.map(toText).join(' ');
  if (value instanceof EnumValue) return value.name;
  if (value instanceof Guid) return value.text;
  if (value instanceof Hashtable) return 'System.Collections.Hashtable';
  if (value instanceof Uint8Array) return [...value].join(' ');
  if (value instanceof ScriptBlock || value instanceof TypeName) return value.constructor.name;
  return String(value);
}

export function isTrue(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === '') return false;
  if (!Array.isArray(value)) return true;
  return value.length > 1 || (value.length === 1 && isTrue(value[0] ?? null));
}

/** `-eq`: the right side becomes what the left one is; case does not matter. */
export function isEqual(left: Value, right: Value): boolean {
  if (left === null || right === null) return left === right;
  if (typeof left === 'number') return left === Number(toText(right));
  if (typeof left === 'boolean') return left === isTrue(right);
  return toText(left).toLowerCase() === toText(right).toLowerCase();
}

/** What a value is on its way out of a statement: lists come apart, one level deep. */
export function enumerate(value: Value): Value[] {
  return Array.isArray(value) ? value : [value];
}

/** What a variable gets of a statement's output. */
export function collect(output: readonly Value[]): Value {
  return output.length === 0 ? null : output.length === 1 ? (output[0] ?? null) : [...output];
}
