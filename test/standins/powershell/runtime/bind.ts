/** From the words of a command to its parameters: by full names only, and only in a combination that there is. */
import { PsError } from './errors.ts';
import type { Parameter, ParameterSet } from './syntax.ts';
import { isTrue, type Value } from './values.ts';

export type Word = { kind: 'value'; value: Value } | { kind: 'parameter'; name: string; value?: Value };

export class Bound {
  readonly #values: ReadonlyMap<string, Value>;

  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  get(name: string): Value {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  isOn(name: string): boolean {
    return isTrue(this.get(name));
  }

  /** Given, and given as false: `-Confirm:$false`. */
  isOff(name: string): boolean {
    return this.has(name) && !this.isOn(name);
  }
}

/** @param type .NET name of the command, for error ids. */
export function bind(
  sets: readonly ParameterSet[],
  words: readonly Word[],
  command: string,
  type: string,
): Bound {
  for (const word of words) {
    if (word.kind === 'parameter' && !sets.some((set) => find(set, word.name)))
      throw unknownName(command, word.name, type);
  }
  const bound = sets.map((set) => bindSet(set, words)).find((values) => values !== undefined);
  if (bound) return new Bound(bound);
  throw new PsError(
    `${command}: Parameter set cannot be resolved using the specified named parameters.`,
    `AmbiguousParameterSet,${type}`,
    'InvalidArgument',
  );
}

/** Undefined when the words do not fit this set. */
function bindSet(set: ParameterSet, words: readonly Word[]): Map<string, Value> | undefined {
  const values = new Map<string, Value>();
  const rest = [...words];
  const places = set.filter(({ positional }) => positional);
  for (let word = rest.shift(); word; word = rest.shift()) {
    const parameter = word.kind === 'parameter' ? find(set, word.name) : nextPlace(places, values);
    if (!parameter || values.has(keyOf(parameter))) return undefined;
    const value = word.kind === 'value' ? word.value : (word.value ?? impliedValue(parameter, rest));
    if (value === undefined) return undefined;
    values.set(keyOf(parameter), value);
  }
  return set.every((each) => !each.required || values.has(keyOf(each))) ? values : undefined;
}

/** A switch is on by being there; any other parameter takes the next word. */
function impliedValue({ isSwitch }: Parameter, rest: Word[]): Value | undefined {
  if (isSwitch) return true;
  const next = rest.shift();
  return next?.kind === 'value' ? next.value : undefined;
}

function nextPlace(places: readonly Parameter[], values: ReadonlyMap<string, Value>): Parameter | undefined {
  return places.find((parameter) => !values.has(keyOf(parameter)));
}

function keyOf({ name }: Parameter): string {
  return name.toLowerCase();
}

function find(set: ParameterSet, name: string): Parameter | undefined {
  return set.find((parameter) => keyOf(parameter) === name.toLowerCase());
}

function unknownName(command: string, name: string, type: string): PsError {
  return new PsError(
    `${command}: A parameter cannot be found that matches parameter name '${name}'.`,
    `NamedParameterNotFound,${type}`,
    'InvalidArgument',
  );
}
