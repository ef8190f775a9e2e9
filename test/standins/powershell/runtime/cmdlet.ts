/** A command of the interpreter's own. */
import type { Bound } from './bind.ts';
import type { Interpreter } from './interpreter.ts';
import type { Scope } from './scope.ts';
import { type ParameterSet, parseSyntax } from './syntax.ts';
import type { Value } from './values.ts';

export interface Call {
  given: Bound;
  /** What comes through the pipe. */
  input: Value[];
  scope: Scope;
  interpreter: Interpreter;
}

export interface Cmdlet {
  name: string;
  /** .NET name, which ends its error ids. */
  type: string;
  sets: readonly ParameterSet[];
  run(call: Call): Promise<Value[]> | Value[];
}

/** @param syntax a line a parameter set, as the reference pages have it. */
export function cmdlet(name: string, type: string, syntax: readonly string[], run: Cmdlet['run']): Cmdlet {
  return { name, type, sets: syntax.map(parseSyntax), run };
}
