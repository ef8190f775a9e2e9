/** Statements and blocks. */
import type { Block, Expression, Pipeline, Statement } from './ast.ts';
import { parsePipeline } from './parse-command.ts';
import { parseExpression } from './parse-expression.ts';
import { Source } from './source.ts';

/** @throws ParseError for all that is not in the subset. */
export function parseScript(text: string): Statement[] {
  const source = new Source(text);
  const statements = parseUntil(source, () => source.isAtEnd);
  return statements;
}

/** Up to the closing character, which is taken. */
export function parseStatements(source: Source, close: string): Statement[] {
  return parseUntil(source, () => source.take(close));
}

function parseUntil(source: Source, isEnd: () => boolean): Statement[] {
  const statements: Statement[] = [];
  for (source.skipSeparators(); !isEnd(); source.skipSeparators()) {
    if (source.isAtEnd) throw source.error('the script ends too early');
    statements.push(parseStatement(source));
    source.skipBlanks();
    if (!/[\r\n;)}]/.test(source.peek()) && !source.isAtEnd)
      throw source.error('expected the end of the statement');
  }
  return statements;
}

export function parseBlock(source: Source): Block {
  source.expect('{');
  source.skipLines();
  const parameters = source.match(/param\b/iy) ? parseParameters(source) : [];
  return { parameters, statements: parseStatements(source, '}') };
}

function parseParameters(source: Source): string[] {
  source.skipBlanks();
  const list = source.match(/\(\s*((?:\$\w+(?:\s*,\s*(?=\$))?)*)\s*\)/y)?.[1];
  if (list === undefined) throw source.error('expected plain parameters');
  return list === '' ? [] : list.split(',').map((name) => name.trim().slice(1));
}

type Parse = (source: Source) => Statement;
const KEYWORDS: Record<string, Parse> = {
  function: parseFunction,
  if: parseIf,
  while: parseWhile,
  foreach: parseForeach,
  try: parseTry,
  throw: (source) => ({ kind: 'throw', value: parseValue(source) }),
  exit: (source) => ({ kind: 'exit', code: parseValue(source) }),
};
const REFUSED =
  /^(?:return|break|continue|do|for|switch|class|enum|using|trap|filter|process|begin|end|finally|else|elseif)$/;

export function parseStatement(source: Source): Statement {
  const start = source.at;
  const word = source.match(/[A-Za-z]+(?![\w\\-])/y)?.[0].toLowerCase() ?? '';
  const keyword = Object.hasOwn(KEYWORDS, word) ? KEYWORDS[word] : undefined;
  if (keyword) {
    source.skipBlanks();
    return keyword(source);
  }
  if (REFUSED.test(word)) throw source.error(`${word} is not in the subset`);
  source.at = start;
  return parseAssignment(source) ?? { kind: 'pipeline', pipeline: parsePipeline(source) };
}

function parseValue(source: Source): Expression {
  source.skipBlanks();
  return parseExpression(source);
}

function parseAssignment(source: Source): Statement | undefined {
  const start = source.at;
  const left = source.match(/\$\w+(?:\.\w+)*|\[[\w.]+\]::\w+/y)?.[0];
  source.skipBlanks();
  const operator = left === undefined ? undefined : source.match(/[+-]?=(?!=)/y)?.[0];
  if (left === undefined || operator === undefined) {
    source.at = start;
    return undefined;
  }
  const target = parseExpression(new Source(left));
  source.skipLines();
  const value = parsePipeline(source);
  return { kind: 'assign', target, operator: operator as '=' | '+=' | '-=', value };
}

function parseFunction(source: Source): Statement {
  const name = source.match(/[A-Za-z][\w-]*/y)?.[0];
  if (name === undefined) throw source.error('expected a name');
  const parameters = source.peek() === '(' ? parseParameters(source) : [];
  source.skipBlanks();
  const body = parseBlock(source);
  return { kind: 'function', name, body: { ...body, parameters: [...parameters, ...body.parameters] } };
}

function parseTest(source: Source): Pipeline {
  source.skipBlanks();
  source.expect('(');
  source.skipLines();
  const test = parsePipeline(source);
  source.skipLines();
  source.expect(')');
  return test;
}

function parseBody(source: Source): Statement[] {
  source.skipLines();
  source.expect('{');
  return parseStatements(source, '}');
}

function parseIf(source: Source): Statement {
  const cases = [{ test: parseTest(source), body: parseBody(source) }];
  while (source.match(/\s*elseif\b/iy)) cases.push({ test: parseTest(source), body: parseBody(source) });
  const otherwise = source.match(/\s*else\b/iy) ? parseBody(source) : [];
  return { kind: 'if', cases, otherwise };
}

function parseWhile(source: Source): Statement {
  return { kind: 'while', test: parseTest(source), body: parseBody(source) };
}

function parseForeach(source: Source): Statement {
  const variable = source.match(/\(\s*\$(\w+)\s+in\s+/iy)?.[1];
  if (variable === undefined) throw source.error('expected ($name in …)');
  const over = parsePipeline(source);
  source.skipBlanks();
  source.expect(')');
  return { kind: 'foreach', variable, over, body: parseBody(source) };
}

function parseTry(source: Source): Statement {
  const body = parseBody(source);
  if (!source.match(/\s*catch\b/iy)) throw source.error('expected catch');
  return { kind: 'try', body, handler: parseBody(source) };
}
