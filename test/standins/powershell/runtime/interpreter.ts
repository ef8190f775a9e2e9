/** Runs scripts: statements and pipelines. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Block, Pipeline, PipelineElement, Statement } from '../language/ast.ts';
import { parseScript } from '../language/parse-statement.ts';
import type { Cmdlet } from './cmdlet.ts';
import { ErrorRecord, Exit, NotInSubset, PsError } from './errors.ts';
import { assign, evaluate } from './evaluate.ts';
import { runCommand } from './run-command.ts';
import { Scope } from './scope.ts';
import { collect, enumerate, isTrue, toText, type Value } from './values.ts';

export class Interpreter {
  readonly #cmdlets: ReadonlyMap<string, Cmdlet>;

  constructor(cmdlets: readonly Cmdlet[]) {
    this.#cmdlets = new Map(cmdlets.map((each) => [each.name.toLowerCase(), each]));
  }

  cmdlet(name: string): Cmdlet | undefined {
    return this.#cmdlets.get(name.toLowerCase());
  }

  async runFile(path: string, scope: Scope): Promise<Value[]> {
    const outer = scope.get('PSScriptRoot');
    scope.set('PSScriptRoot', dirname(path));
    const output = await this.runStatements(parseScript(await readFile(path, 'utf8')), scope);
    scope.set('PSScriptRoot', outer);
    return output;
  }

  async runStatements(statements: readonly Statement[], scope: Scope): Promise<Value[]> {
    const output: Value[] = [];
    for (const statement of statements) output.push(...(await this.#run(statement, scope)));
    return output;
  }

  /** In a scope of its own, with arguments by position. */
  async runBlock({ parameters, statements }: Block, args: readonly Value[], scope: Scope): Promise<Value[]> {
    if (args.length > parameters.length) throw new NotInSubset('arguments without parameters');
    const inner = new Scope(scope);
    for (const [at, name] of parameters.entries()) inner.set(name, args[at] ?? null);
    return this.runStatements(statements, inner);
  }

  async runPipeline(pipeline: Pipeline, scope: Scope): Promise<Value[]> {
    let items: Value[] = [];
    for (const [at, element] of pipeline.entries()) {
      if (at > 0 && element.kind === 'expression') throw new NotInSubset('an expression after |');
      items = await this.#runElement(element, items, scope);
    }
    return items;
  }

  async #run(statement: Statement, scope: Scope): Promise<Value[]> {
    switch (statement.kind) {
      case 'function':
        scope.define(statement.name, statement.body);
        return [];
      case 'assign':
        await this.#assign(statement, scope);
        return [];
      case 'if':
        return this.runStatements(await this.#choose(statement, scope), scope);
      case 'while':
        return this.#loop(statement, scope);
      case 'foreach':
        return this.#forEach(statement, scope);
      case 'try':
        return this.#try(statement, scope);
      case 'throw': {
        throw thrown(await evaluate(this, statement.value, scope));
      }
      case 'exit':
        throw new Exit(Number(await evaluate(this, statement.code, scope)));
      case 'pipeline':
        return this.runPipeline(statement.pipeline, scope);
    }
  }

  async #assign({ target, operator, value }: Statement & { kind: 'assign' }, scope: Scope): Promise<void> {
    const [only] = value;
    // An expression alone keeps what it is: a list of one stays a list.
    const right =
      value.length === 1 && only?.kind === 'expression'
        ? await evaluate(this, only.expression, scope)
        : collect(await this.runPipeline(value, scope));
    if (operator === '=') return assign(this, target, right, scope);
    const left = await evaluate(this, target, scope);
    if (typeof left === 'number' && typeof right === 'number')
      return assign(this, target, operator === '+=' ? left + right : left - right, scope);
    if (operator === '-=') throw new NotInSubset('-= to something else than a number');
    if (!Array.isArray(left)) throw new NotInSubset('+= to something else than a list');
    return assign(this, target, [...left, ...enumerate(right)], scope);
  }

  async #test(test: Pipeline, scope: Scope): Promise<boolean> {
    return isTrue(collect(await this.runPipeline(test, scope)));
  }

  async #choose({ cases, otherwise }: Statement & { kind: 'if' }, scope: Scope): Promise<Statement[]> {
    for (const { test, body } of cases) if (await this.#test(test, scope)) return body;
    return otherwise;
  }

  async #loop({ test, body }: Statement & { kind: 'while' }, scope: Scope): Promise<Value[]> {
    const output: Value[] = [];
    while (await this.#test(test, scope)) output.push(...(await this.runStatements(body, scope)));
    return output;
  }

  async #forEach({ variable, over, body }: Statement & { kind: 'foreach' }, scope: Scope): Promise<Value[]> {
    const output: Value[] = [];
    for (const item of await this.runPipeline(over, scope)) {
      scope.set(variable, item);
      output.push(...(await this.runStatements(body, scope)));
    }
    return output;
  }

  async #try({ body, handler }: Statement & { kind: 'try' }, scope: Scope): Promise<Value[]> {
    try {
      return await this.runStatements(body, scope);
    } catch (error) {
      if (!(error instanceof PsError)) throw error;
      scope.set('_', error.toRecord());
      return this.runStatements(handler, scope);
    }
  }

  async #runElement(element: PipelineElement, input: Value[], scope: Scope): Promise<Value[]> {
    if (element.kind === 'command') return runCommand(this, element.command, input, scope);
    const { expression } = element;
    // A list in parentheses or in @( ) comes apart like any other output.
    return enumerate(await evaluate(this, expression, scope));
  }
}

/** An error record that is thrown again stays what it was. */
function thrown(value: Value): PsError {
  if (value instanceof ErrorRecord) return value.error;
  const text = toText(value);
  return new PsError(text, text, 'OperationStopped');
}
