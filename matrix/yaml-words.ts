// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
/** The YAML parser's errors in people's words. */
import type { YAMLError } from 'yaml';
import { placer } from './place.ts';
import type { YamlFault } from './yaml-parse.ts';

interface Words {
  /** Of the parser's message. */
  pattern: RegExp;
  /** May use `$1`. */
  message: string;
  hint?: string;
}

const WORDS: readonly Words[] = [
  { pattern: /^Tabs are not allowed/, message: 'a tab cannot indent', hint: 'use spaces' },
  {
    pattern: /^Nested mappings are not allowed/,
    message: 'a second `: ` in one line',
    hint: 'quote a value that contains `: `',
  },
  {
    pattern: /^Plain value cannot start with .*(\S)$/,
    message: 'a value cannot begin with `$1`',
    hint: 'quote it',
  },
  { pattern: /^Missing closing (["'])quote/, message: 'a closing `$1` is missing' },
  {
    pattern: /^All (mapping|sequence) items must start at the same column/,
    message: 'this line is indented unlike the lines above it',
    hint: 'all keys of a map, and all `-` of a list, begin in the same column',
  },
  {
    pattern: /^Implicit (map )?keys need to/,
    message: 'expected `key: value`',
    hint: 'a key is followed by a colon and a space',
  },
  {
    pattern: /^Flow (map|sequence) in block collection must be .* end with a (\S)/,
    message: 'a closing `$2` is missing, or stands too far left',
  },
  { pattern: /^Unresolved tag: (.*)/, message: 'the tag `$1` is not supported', hint: 'leave it out' },
  {
    pattern: /^Invalid escape sequence (.*)/,
    message: 'unknown escape `$1` in a quoted text',
    hint: 'double the backslash, or use single quotes',
  },
  {
    pattern: /^Unexpected .* (at node end|in YAML stream|in YAML document)/,
    message: 'unexpected text after the end of a value',
    hint: 'quote the whole value; inside single quotes a quote is written twice',
  },
  {
    pattern: /^Missing , or : between|^Missing , between/,
    message: 'a comma is missing between two items',
  },
];

const QUOTE_LOOKUP = 'inside `{ }` and `[ ]`, quote a value that contains `${{ }}`';

/** Errors (and warnings: unknown tags are one) of a document, without those that follow from an earlier one. */
export function yamlFaults(errors: readonly YAMLError[], text: string): YamlFault[] {
  const place = placer(text);
  const faults = new Map<number, YamlFault>();
  let lost = false;
  for (const error of errors) {
    const unexpected = error.code === 'UNEXPECTED_TOKEN';
    if (unexpected && lost) continue;
    lost ||= unexpected;
    const { line } = place(error.pos[0]);
    if (!faults.has(line)) faults.set(line, inWords(error, text));
  }
  return [...faults.values()];
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end);
}

function inWords(error: YAMLError, text: string): YamlFault {
  const offset = pastSpaces(text, error.pos[0]);
  const words = WORDS.find(({ pattern }) => pattern.test(error.message));
  const message = words
    ? (words.pattern.exec(error.message)?.[0] ?? '').replace(words.pattern, words.message)
    : error.message.charAt(0).toLowerCase() + error.message.slice(1);
  const hint = hasBareLookup(lineAt(text, error.pos[0])) ? QUOTE_LOOKUP : words?.hint;
  return { offset, message: `${message} (YAML)`, ...(hint === undefined ? {} : { hint }) };
}

/** Errors of indentation are placed at the beginning of the line. */
function pastSpaces(text: string, offset: number): number {
  let at = offset;
  while (text[at] === ' ') at += 1;
  return at;
}

/** A `${{ }}` after an opening bracket, without a quote in between. */
function hasBareLookup(source: string): boolean {
  return /[{[][^"']*\$\{\{/.test(source);
}
