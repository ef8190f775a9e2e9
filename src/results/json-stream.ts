/**
 * A JSON document as it comes, in bounded memory: of a long string only head and tail are kept, and what nobody asks
 * for is skipped. `JSON.parse` wants all of it at once, and the streaming parsers of the field hold every string whole.
 */
import { JsonString } from './json-string.ts';
import type { Problems } from './problems.ts';

export type JsonScalar = string | number | boolean | null;

/** What to do with one object or array; made by its parent. */
export interface JsonNode {
  /** The handler of an object or array in it. None: it is skipped. @param key Undefined in an array. */
  child?(key: string | undefined): JsonNode | undefined;
  value?(key: string | undefined, value: JsonScalar): void;
  /** Called only for what has its end. */
  close?(): void;
}

export interface JsonOptions {
  maxDepth: number;
  /** Characters kept of a string. Those of a key are as many at most. */
  maxString: number;
  problems: Problems;
}

/** Ends the reading early. */
export type StopJson = (problem: string) => void;

/** Answers whether the document was whole and valid, and nothing stopped its reading. */
export async function readJson(
  text: AsyncIterable<string>,
  document: (stop: StopJson) => JsonNode,
  options: JsonOptions,
): Promise<boolean> {
  const reader = new JsonReader(document, options);
  for await (const piece of text) {
    if (!reader.write(piece)) break;
  }
  return reader.end();
}

interface Open {
  type: 'object' | 'array';
  node: JsonNode;
  key: string | undefined;
}

/** What may come next: a sum of these, 0 for nothing. */
const VALUE = 1;
const KEY = 2;
const COLON = 4;
const COMMA = 8;
const END = 16;

const SPACE = /[ \t\n\r\ufeff]*/y;
const WORD = /[-+.\w]*/y;
/** No number and no literal is longer. */
const MAX_WORD = 400;

class JsonReader {
  readonly #options: JsonOptions;
  readonly #open: Open[] = [];
  readonly #document: JsonNode;
  #expected = VALUE;
  /** Not yet taken: the beginning of a number, a word or an escape. */
  #rest = '';
  #string: JsonString | undefined;
  #stopped = false;
  /** Characters before `#rest`. */
  #position = 0;

  constructor(document: (stop: StopJson) => JsonNode, options: JsonOptions) {
    this.#options = options;
    this.#document = document((problem) => this.#stop(problem));
  }

  /** False when no more is wanted. */
  write(piece: string): boolean {
    const text = this.#rest + piece;
    const taken = this.#scan(text, false);
    this.#position += taken;
    this.#rest = text.slice(taken);
    return !this.#stopped;
  }

  end(): boolean {
    if (!this.#stopped) {
      this.#scan(this.#rest, true);
      if (!this.#stopped && this.#expected !== 0) {
        this.#stop('the file ends in the middle: it was cut off, or its writer was');
      }
    }
    return !this.#stopped;
  }

  /** Answers how many characters were taken. */
  #scan(text: string, last: boolean): number {
    let at = 0;
    while (!this.#stopped) {
      if (this.#string) {
        at = this.#string.scan(text, at);
        if (this.#string.state === 'open') return at;
        if (this.#string.state === 'broken') break;
        const value = this.#string.toString();
        this.#string = undefined;
        this.#give(value);
        continue;
      }
      at = skip(SPACE, text, at);
      const char = text[at];
      if (char === undefined) return at;
      if (char === '"') {
        if ((this.#expected & (VALUE | KEY)) === 0) break;
        this.#string = new JsonString(this.#options.maxString);
        at += 1;
      } else if ('{}[]:,'.includes(char)) {
        if (!this.#punctuation(char)) break;
        at += 1;
      } else {
        const end = skip(WORD, text, at);
        if (end === text.length && !last && end - at <= MAX_WORD) return at;
        if (end - at > MAX_WORD || !this.#word(text.slice(at, end))) break;
        at = end;
      }
    }
    if (!this.#stopped) this.#stop(`the JSON is broken at character ${this.#position + at + 1}`);
    return at;
  }

  #give(text: string): void {
    const open = this.#open.at(-1);
    if ((this.#expected & KEY) !== 0 && open) {
      open.key = text;
      this.#expected = COLON;
    } else {
      this.#value(text);
    }
  }

  #value(value: JsonScalar): void {
    const open = this.#open.at(-1);
    (open?.node ?? this.#document).value?.(open?.key, value);
    this.#expected = open ? COMMA | END : 0;
  }

  #word(word: string): boolean {
    if ((this.#expected & VALUE) === 0) return false;
    if (word === 'true' || word === 'false') this.#value(word === 'true');
    else if (word === 'null') this.#value(null);
    else if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)) this.#value(Number(word));
    else return false;
    return true;
  }

  #punctuation(char: string): boolean {
    const open = this.#open.at(-1);
    if (char === '{' || char === '[') return (this.#expected & VALUE) !== 0 && this.#begin(char);
    if (char === ':') return this.#advance(COLON, VALUE);
    if (char === ',') return this.#advance(COMMA, open?.type === 'object' ? KEY : VALUE);
    const fits = open?.type === (char === '}' ? 'object' : 'array') && (this.#expected & END) !== 0;
    if (!fits) return false;
    this.#open.pop();
    open.node.close?.();
    this.#expected = this.#open.length > 0 ? COMMA | END : 0;
    return true;
  }

  #begin(char: string): boolean {
    const { maxDepth } = this.#options;
    if (this.#open.length >= maxDepth) {
      this.#stop(`values are nested more than ${maxDepth} deep; the rest was not read`);
      return true;
    }
    const parent = this.#open.at(-1);
    const node = (parent?.node ?? this.#document).child?.(parent?.key) ?? {};
    const type = char === '{' ? 'object' : 'array';
    this.#open.push({ type, node, key: undefined });
    this.#expected = type === 'object' ? KEY | END : VALUE | END;
    return true;
  }

  #advance(from: number, to: number): boolean {
    if ((this.#expected & from) === 0) return false;
    this.#expected = to;
    return true;
  }

  #stop(problem: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.problems.add(problem);
  }
}

function skip(what: RegExp, text: string, at: number): number {
  what.lastIndex = at;
  what.test(text);
  return what.lastIndex;
}
