/** Text → one YAML document, bounded in depth and size whatever the text is. */
import { Composer, type Document, Lexer, Parser } from 'yaml';

/**
 * The composer recurses once a level, and what it does in the last free bytes of the stack can abort the whole process
 * (a regular expression compiled there does; yaml 2.9, Node 20). So depth is bounded before it runs.
 */
const DEEPEST = 60;
/** Each token costs microseconds, each token in error ten times that: this bounds the parse to seconds. */
const MOST_TOKENS = 250_000;

export interface YamlFault {
  offset: number;
  message: string;
  hint?: string;
}

export type YamlParse = { documents: Document.Parsed[]; fault?: undefined } | { fault: YamlFault };

/** Parses up to the second document of the text. Faults are those of size; errors are in the documents. */
export function parseYaml(text: string): YamlParse {
  const parser = new Parser();
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, version: '1.2', schema: 'core' });
  const documents: Document.Parsed[] = [];
  let tokens = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    if (parser.stack.length > DEEPEST) return { fault: tooDeep(parser.offset) };
    tokens += 1;
    if (tokens > MOST_TOKENS) return { fault: tooMany(parser.offset) };
    if (documents.length > 1) return { documents };
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(false, text.length));
  return { documents };
}

function tooDeep(offset: number): YamlFault {
  return { offset, message: 'this is nested too deeply for a matrix file' };
}

function tooMany(offset: number): YamlFault {
  return {
    offset,
    message: `the file has more than ${MOST_TOKENS} YAML tokens`,
    hint: 'axes make many cells out of few lines',
  };
}
