/** Values of expressions. */
import type { Expression } from '../language/ast.ts';
import { callMethod, castTo, member, readStatic, writeStatic } from './dotnet.ts';
import { NotInSubset } from './errors.ts';
import type { Interpreter } from './interpreter.ts';
import type { Scope } from './scope.ts';
import {
  collect,
  Hashtable,
  isEqual,
  isTrue,
  PsObject,
  ScriptBlock,
  TypeName,
  toText,
  type Value,
} from './values.ts';

export async function evaluate(run: Interpreter, expression: Expression, scope: Scope): Promise<Value> {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'text':
      return textOf(run, expression.parts, scope);
    case 'variable':
      return variable(expression.name, scope);
    case 'list':
      return run.runStatements(expression.statements, scope);
    case 'array':
      return valuesOf(run, expression.items, scope);
    case 'statements':
      return collect(await run.runStatements(expression.statements, scope));
    case 'pipeline':
      return parenthesis(run, expression.pipeline, scope);
    case 'hashtable':
      return hashtable(run, expression.entries, scope);
    case 'block':
      return new ScriptBlock(expression.block);
    case 'type':
      return new TypeName(expression.name);
    case 'cast':
      return castTo(expression.type, await evaluate(run, expression.value, scope));
    case 'member': {
      const of = await evaluate(run, expression.of, scope);
      return of instanceof TypeName ? readStatic(of, expression.name) : member(of, expression.name);
    }
    case 'call': {
      const of = await evaluate(run, expression.of, scope);
      return callMethod(of, expression.name, await valuesOf(run, expression.args, scope));
    }
    case 'index': {
      const of = await evaluate(run, expression.of, scope);
      const at = Number(await evaluate(run, expression.at, scope));
      if (!Array.isArray(of)) throw new NotInSubset('an index into something else than a list');
      return of[at] ?? null;
    }
    case 'not':
      return !isTrue(await evaluate(run, expression.value, scope));
    case 'binary':
      return binary(run, expression, scope);
  }
}

async function valuesOf(run: Interpreter, expressions: Expression[], scope: Scope): Promise<Value[]> {
  const values: Value[] = [];
  for (const expression of expressions) values.push(await evaluate(run, expression, scope));
  return values;
}

export async function assign(
  run: Interpreter,
  target: Expression,
  value: Value,
  scope: Scope,
): Promise<void> {
  if (target.kind === 'variable') return scope.set(target.name, value);
  if (target.kind !== 'member') throw new NotInSubset('an assignment to something else than a variable');
  const of = await evaluate(run, target.of, scope);
  if (of instanceof Hashtable || of instanceof PsObject) return of.set(target.name, value);
  if (of instanceof TypeName) return writeStatic(of, target.name, value);
  throw new NotInSubset(`an assignment to ${target.name}`);
}

function variable(name: string, scope: Scope): Value {
  const constant = { true: true, false: false, null: null }[name.toLowerCase()];
  return constant === undefined ? scope.get(name) : constant;
}

async function textOf(run: Interpreter, parts: (string | Expression)[], scope: Scope): Promise<string> {
  let text = '';
  for (const part of parts)
    text += typeof part === 'string' ? part : toText(await evaluate(run, part, scope));
  return text;
}

/** Around an expression they only group; around commands they collect. */
async function parenthesis(
  run: Interpreter,
  pipeline: (Expression & { kind: 'pipeline' })['pipeline'],
  scope: Scope,
): Promise<Value> {
  const [only] = pipeline;
  if (pipeline.length === 1 && only?.kind === 'expression') return evaluate(run, only.expression, scope);
  return collect(await run.runPipeline(pipeline, scope));
}

async function hashtable(
  run: Interpreter,
  entries: (Expression & { kind: 'hashtable' })['entries'],
  scope: Scope,
): Promise<Hashtable> {
  const table = new Hashtable();
  for (const { key, value } of entries) {
    const [only] = value.kind === 'pipeline' ? value.pipeline : [];
    const keeps = value.kind === 'pipeline' && value.pipeline.length === 1 && only?.kind === 'expression';
    table.set(
      key,
      keeps
        ? await evaluate(run, (only as { expression: Expression }).expression, scope)
        : collect(await run.runStatements([value], scope)),
    );
  }
  return table;
}

async function binary(
  run: Interpreter,
  { operator, left, right }: Expression & { kind: 'binary' },
  scope: Scope,
): Promise<Value> {
  const one = await evaluate(run, left, scope);
  if (operator === '-and' && !isTrue(one)) return false;
  if (operator === '-or' && isTrue(one)) return true;
  const two = await evaluate(run, right, scope);
  if (operator === '-and' || operator === '-or') return isTrue(two);
  if (Array.isArray(one)) throw new NotInSubset(`${operator} of a list, which filters it`);
  if (operator === '-gt') return Number(one) > Number(two);
  if (operator === '-lt') return Number(one) < Number(two);
  if (operator === '-match') return new RegExp(toText(two), 'i').test(toText(one));
  return isEqual(one, two) === (operator === '-eq');
}
