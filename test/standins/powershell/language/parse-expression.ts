/** Expressions, from the loosest operator to the smallest part. */
import type { Expression, Operator } from './ast.ts';
import { parsePipeline } from './parse-command.ts';
import { parseBlock, parseStatement, parseStatements } from './parse-statement.ts';
import type { Source } from './source.ts';

const LOGICAL = /-(?:and|or)\b/iy;
const COMPARISON = /-(?:eq|ne|gt|lt|match)\b/iy;

export function parseExpression(source: Source): Expression {
  return parseBinary(source, LOGICAL, () => parseBinary(source, COMPARISON, () => parseUnary(source)));
}

function parseBinary(source: Source, operators: RegExp, parseSide: () => Expression): Expression {
  let left = parseSide();
  for (;;) {
    source.skipBlanks();
    const operator = source.match(operators)?.[0].toLowerCase();
    if (operator === undefined) return left;
    source.skipLines();
    left = { kind: 'binary', operator: operator as Operator, left, right: parseSide() };
  }
}

function parseUnary(source: Source): Expression {
  if (source.match(/-not\b/iy)) {
    source.skipBlanks();
    return { kind: 'not', value: parseUnary(source) };
  }
  const type = source.match(/\[([A-Za-z][\w.]*(?:\[\])?)\]/y)?.[1];
  if (type === undefined) return parsePrimary(source);
  if (source.peek() === ':') return parsePostfix(source, { kind: 'type', name: type });
  if (type.toLowerCase() === 'ordered') return parseHashtable(source, true);
  return { kind: 'cast', type, value: parseUnary(source) };
}

/** A value with what is asked of it: `$vm.State`, `$list[0]`, `$text.Substring(1)`. */
export function parsePrimary(source: Source): Expression {
  return parsePostfix(source, parseAtom(source));
}

function parseAtom(source: Source): Expression {
  const next = source.peek();
  if (next === "'") return parseLiteral(source);
  if (next === '"') return parseExpandable(source);
  if (next === '$') return parseVariable(source);
  if (next === '(') return parseParenthesis(source);
  if (next === '{') return { kind: 'block', block: parseBlock(source) };
  if (source.take('@(')) return { kind: 'list', statements: parseStatements(source, ')') };
  if (next === '@') return parseHashtable(source, false);
  const number = source.match(/\d+\b(?!\.)/y)?.[0];
  if (number !== undefined) return { kind: 'number', value: Number(number) };
  throw source.error('this is no expression of the subset');
}

function parsePostfix(source: Source, of: Expression): Expression {
  for (;;) {
    const separator = source.match(/\.(?=\w)|::(?=\w)/y)?.[0];
    if (separator !== undefined) {
      const name = source.match(/\w+/y)?.[0] ?? '';
      const isStatic = separator === '::';
      of = source.take('(')
        ? { kind: 'call', of, name, isStatic, args: parseArguments(source) }
        : { kind: 'member', of, name, isStatic };
    } else if (source.peek() === '[') {
      source.expect('[');
      of = { kind: 'index', of, at: parseExpression(source) };
      source.expect(']');
    } else return of;
  }
}

function parseArguments(source: Source): Expression[] {
  const args: Expression[] = [];
  source.skipLines();
  while (!source.take(')')) {
    args.push(parseExpression(source));
    source.skipLines();
    if (source.take(',')) source.skipLines();
    else if (source.peek() !== ')') throw source.error('expected , or )');
  }
  return args;
}

function parseParenthesis(source: Source): Expression {
  source.expect('(');
  source.skipLines();
  const pipeline = parsePipeline(source);
  source.skipLines();
  source.expect(')');
  return { kind: 'pipeline', pipeline };
}

function parseHashtable(source: Source, ordered: boolean): Expression {
  source.expect('@{');
  const entries: (Expression & { kind: 'hashtable' })['entries'] = [];
  for (source.skipSeparators(); !source.take('}'); source.skipSeparators()) {
    const key = source.match(/\w+/y)?.[0];
    if (key === undefined) throw source.error('expected a key');
    source.skipBlanks();
    source.expect('=');
    source.skipLines();
    entries.push({ key, value: parseStatement(source) });
  }
  return { kind: 'hashtable', ordered, entries };
}

function parseVariable(source: Source): Expression {
  const name = source.match(/\$(\w+)/y)?.[1];
  if (name === undefined || source.match(/:(?!:)\w/y)) throw source.error('expected a plain variable');
  return { kind: 'variable', name };
}

function parseLiteral(source: Source): Expression {
  const text = source.match(/'((?:[^']|'')*)'/y)?.[1];
  if (text === undefined) throw source.error('the text has no end');
  return { kind: 'text', parts: [text.replaceAll("''", "'")] };
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '`': '`', '"': '"', $: '$', 0: '\0' };

function parseExpandable(source: Source): Expression {
  source.expect('"');
  const parts: (string | Expression)[] = [];
  while (!source.take('"')) {
    const plain = source.match(/[^"`$]+/y)?.[0];
    if (plain !== undefined) parts.push(plain);
    else if (source.take('`')) parts.push(parseEscape(source));
    else if (source.take('$(')) parts.push({ kind: 'statements', statements: parseStatements(source, ')') });
    else if (source.peek() === '$') parts.push(parseVariable(source));
    else throw source.error('the text has no end');
  }
  return { kind: 'text', parts };
}

function parseEscape(source: Source): string {
  const escaped = ESCAPES[source.peek()];
  if (escaped === undefined) throw source.error('no such escape in the subset');
  source.at += 1;
  return escaped;
}
