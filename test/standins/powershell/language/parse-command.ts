/** Pipelines and commands: where words need no quotes. */
import type { Command, CommandWord, Expression, Pipeline } from './ast.ts';
import { parseExpression, parsePrimary } from './parse-expression.ts';
import type { Source } from './source.ts';

export function parsePipeline(source: Source): Pipeline {
  const elements: Pipeline = [];
  do {
    source.skipLines();
    const isExpression = /[$@("'[\d{]/.test(source.peek()) || source.text.startsWith('-not', source.at);
    elements.push(
      isExpression
        ? { kind: 'expression', expression: parseListed(source) }
        : { kind: 'command', command: parseCommand(source) },
    );
    source.skipBlanks();
  } while (source.take('|'));
  return elements;
}

/** `'a', 'b'`: a list without @( ). Commas bind tighter than other operators, so those may not stand beside them. */
function parseListed(source: Source): Expression {
  const items = [parseExpression(source)];
  for (source.skipBlanks(); source.take(','); source.skipBlanks()) {
    source.skipLines();
    items.push(parseExpression(source));
  }
  if (items.length === 1) return items[0] as Expression;
  if (items.some(({ kind }) => kind === 'binary')) throw source.error('an operator beside a comma');
  return { kind: 'array', items };
}

function parseCommand(source: Source): Command {
  const operator = source.match(/[&.](?=\s)/y)?.[0];
  source.skipBlanks();
  const name = operator === undefined ? source.match(/[A-Za-z][\w\\.-]*/y)?.[0] : parsePrimary(source);
  if (name === undefined) throw source.error('expected a command');
  const words: CommandWord[] = [];
  for (source.skipBlanks(); !source.isAtEnd && !/[\r\n;|)}]/.test(source.peek()); source.skipBlanks())
    words.push(parseWord(source));
  return { name, dot: operator === '.', words };
}

function parseWord(source: Source): CommandWord {
  const parameter = source.match(/-([A-Za-z]\w*)(:?)/y);
  if (parameter) {
    const [, name = '', colon] = parameter;
    return colon === ':'
      ? { kind: 'parameter', name, value: parsePrimary(source) }
      : { kind: 'parameter', name };
  }
  const splat = source.match(/@(\w+)/y)?.[1];
  if (splat !== undefined) return { kind: 'splat', variable: splat };
  const bare = source.match(/[A-Za-z_][\w-]*(?::\\\w+)?(?=[\s;|)}]|$)|\d+(?=[\s;|)}]|$)/y)?.[0];
  if (bare === undefined) return { kind: 'value', value: parsePrimary(source) };
  return {
    kind: 'value',
    value: /^\d/.test(bare) ? { kind: 'number', value: Number(bare) } : { kind: 'text', parts: [bare] },
  };
}
