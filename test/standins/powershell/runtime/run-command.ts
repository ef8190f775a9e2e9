/** Commands: functions, script blocks, other scripts, and cmdlets. */
import type { Command } from '../language/ast.ts';
import { bind, type Word } from './bind.ts';
import { NotInSubset, PsError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import type { Interpreter } from './interpreter.ts';
import type { Scope } from './scope.ts';
import { Hashtable, ScriptBlock, toText, type Value } from './values.ts';

export async function runCommand(
  run: Interpreter,
  command: Command,
  input: Value[],
  scope: Scope,
): Promise<Value[]> {
  const words = await wordsOf(run, command, scope);
  const name = typeof command.name === 'string' ? command.name : await evaluate(run, command.name, scope);
  if (command.dot) return run.runFile(toText(name), scope);
  const block = name instanceof ScriptBlock ? name.block : scope.find(toText(name));
  if (block) return run.runBlock(block, words.map(byPosition), scope);
  return runCmdlet(run, toText(name), words, input, scope);
}

async function runCmdlet(
  run: Interpreter,
  name: string,
  words: readonly Word[],
  input: Value[],
  scope: Scope,
): Promise<Value[]> {
  const found = run.cmdlet(name);
  if (!found) throw notRecognized(name);
  let errorAction = toText(scope.get('ErrorActionPreference'));
  try {
    const given = bind(found.sets, words, found.name, found.type);
    if (given.has('ErrorAction')) errorAction = toText(given.get('ErrorAction'));
    return await found.run({ given, input, scope, interpreter: run });
  } catch (error) {
    if (!(error instanceof PsError) || errorAction === 'Stop') throw error;
    if (errorAction !== 'SilentlyContinue') process.stderr.write(`${found.name} : ${error.message}\n`);
    return [];
  }
}

async function wordsOf(run: Interpreter, { words }: Command, scope: Scope): Promise<Word[]> {
  const given: Word[] = [];
  for (const word of words) {
    if (word.kind === 'splat') given.push(...splat(word.variable, scope));
    else if (word.kind === 'value')
      given.push({ kind: 'value', value: await evaluate(run, word.value, scope) });
    else if (word.value === undefined) given.push({ kind: 'parameter', name: word.name });
    else given.push({ kind: 'parameter', name: word.name, value: await evaluate(run, word.value, scope) });
  }
  return given;
}

function splat(variable: string, scope: Scope): Word[] {
  const table = scope.get(variable);
  if (!(table instanceof Hashtable)) throw new NotInSubset(`@${variable} is no hashtable`);
  return Object.entries(table.toObject()).map(([name, value]) => ({ kind: 'parameter', name, value }));
}

function byPosition(word: Word): Value {
  if (word.kind === 'parameter') throw new NotInSubset(`-${word.name} of a function`);
  return word.value;
}

function notRecognized(name: string): PsError {
  const module = /^([\w-]+)\\/.exec(name)?.[1];
  return module === undefined
    ? new PsError(
        `The term '${name}' is not recognized as a name of a cmdlet, function, script file, or executable program.`,
        'CommandNotFoundException',
        'ObjectNotFound',
      )
    : new PsError(
        `The module '${module}' could not be loaded. For more information, run 'Import-Module ${module}'.`,
        'CouldNotAutoLoadModule',
        'ObjectNotFound',
      );
}
