/** Variables and functions: looked up through the callers, set where one is. Case does not matter. */
import type { Block } from '../language/ast.ts';
import type { Value } from './values.ts';

export class Scope {
  readonly #parent: Scope | undefined;
  readonly #variables = new Map<string, Value>();
  readonly #functions = new Map<string, Block>();

  constructor(parent?: Scope) {
    this.#parent = parent;
  }

  get(name: string): Value {
    const key = name.toLowerCase();
    return this.#variables.get(key) ?? this.#parent?.get(name) ?? null;
  }

  set(name: string, value: Value): void {
    this.#variables.set(name.toLowerCase(), value);
  }

  define(name: string, block: Block): void {
    this.#functions.set(name.toLowerCase(), block);
  }

  find(name: string): Block | undefined {
    return this.#functions.get(name.toLowerCase()) ?? this.#parent?.find(name);
  }
}
