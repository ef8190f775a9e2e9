/**
 * A tolerant XML reader for files that guests wrote: on htmlparser2, which survives control characters, bare `&`,
 * several roots and truncation, and expands nothing. This adds what it does not say: depth, truncation, refusal of DTDs.
 */
import { Parser } from 'htmlparser2';
import type { Problems } from './problems.ts';
import { XmlFeed } from './xml-feed.ts';

export type Attributes = Readonly<Record<string, string>>;

/** What to do with one element; made by its parent. */
export interface XmlElement {
  /** The handler of a child, made at its start tag. None: its elements are ignored, its text counts as this one's. */
  child?(name: string, attributes: Attributes): XmlElement | undefined;
  /** Text arrives in pieces of any size, CDATA and character references included. */
  text?(piece: string): void;
  /** `finished` is false when the end tag never came. */
  close?(finished: boolean): void;
}

/** Ends the reading early; what is open is closed unfinished. */
export type StopReading = (problem: string) => void;

interface OpenElement {
  handler: XmlElement;
  known: boolean;
  /** Where the start tag ended: an empty element (`<a/>`) ends there too. */
  tagEnd: number;
}

export interface XmlOptions {
  /** Elements within elements. */
  maxDepth: number;
  /** Characters of one tag with its attributes, comment or declaration. */
  maxMarkup: number;
  problems: Problems;
}

/** Reads to the end. Answers whether the text was whole: nothing known was left open and nothing made it stop. */
export async function readXml(
  text: AsyncIterable<string>,
  document: (stop: StopReading) => XmlElement,
  options: XmlOptions,
): Promise<boolean> {
  const reader = new XmlReader(document, options);
  for await (const piece of text) {
    if (reader.stopped) break;
    reader.write(piece);
  }
  return reader.end();
}

class XmlReader {
  readonly #parser: Parser;
  readonly #feed: XmlFeed;
  readonly #open: OpenElement[] = [];
  readonly #document: XmlElement;
  readonly #options: XmlOptions;
  #whole = true;
  #ending = false;
  stopped = false;

  constructor(document: (stop: StopReading) => XmlElement, options: XmlOptions) {
    this.#options = options;
    this.#document = document((problem) => this.#stop(problem));
    this.#parser = new Parser(
      {
        onopentag: (name, attributes) => this.#start(name, attributes),
        ontext: (piece) => this.#top().text?.(piece),
        onclosetag: (_name, implied) => {
          if (!this.stopped) this.#close(implied);
        },
        onprocessinginstruction: (_name, data) => this.#declaration(data),
      },
      { xmlMode: true },
    );
    this.#feed = new XmlFeed(this.#parser);
  }

  write(piece: string): void {
    this.#feed.write(piece);
    const { maxMarkup } = this.#options;
    if (this.#feed.pending > maxMarkup) {
      this.#stop(
        `a tag, comment or declaration is longer than ${maxMarkup} characters; the rest was not read`,
      );
    }
  }

  end(): boolean {
    this.#ending = true;
    if (!this.stopped) {
      this.#feed.flush();
      if (this.#feed.pending > 0 || this.#open.some((element) => element.known)) {
        this.#incomplete('the file ends in the middle: it was cut off, or its writer was');
      }
      this.#parser.end();
    }
    while (this.#open.length > 0) this.#close(true);
    return this.#whole;
  }

  #top(): XmlElement {
    return this.#open.at(-1)?.handler ?? this.#document;
  }

  #start(name: string, attributes: Attributes): void {
    if (this.stopped) return;
    if (this.#open.length >= this.#options.maxDepth) {
      this.#stop(`elements are nested more than ${this.#options.maxDepth} deep; the rest was not read`);
      return;
    }
    const parent = this.#top();
    const handler = parent.child?.(name, attributes);
    this.#open.push({
      handler: handler ?? ignoredChild(parent),
      known: handler !== undefined,
      tagEnd: this.#parser.endIndex,
    });
  }

  /** `implied` is also true for empty elements, and when another end tag or the end of the file closed this one. */
  #close(implied: boolean): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    const emptyElement = !this.#ending && this.#parser.endIndex === element.tagEnd;
    const finished = !implied || emptyElement;
    if (!finished && !this.#ending && element.known) {
      this.#incomplete('the XML is broken: an element has no end tag');
    }
    element.handler.close?.(finished);
  }

  /**
   * A document type with declarations inside can define entities. Nothing that writes results needs that, so such a
   * file is refused at that point; the plain `<!DOCTYPE x>` is harmless.
   */
  #declaration(data: string): void {
    const subset = data.startsWith('!DOCTYPE') && data.includes('[');
    if (subset || /^!(?:ENTITY|ELEMENT|ATTLIST|NOTATION)/.test(data)) this.#stop(DTD_REFUSED);
  }

  #incomplete(problem: string): void {
    this.#whole = false;
    this.#options.problems.add(problem);
  }

  #stop(problem: string): void {
    if (this.stopped) return;
    this.stopped = true;
    this.#incomplete(problem);
    this.#parser.pause();
  }
}

function ignoredChild(parent: XmlElement): XmlElement {
  return parent.text ? { text: (piece) => parent.text?.(piece) } : {};
}

const DTD_REFUSED = 'the file declares entities or elements of its own (DTD); it was refused from there on';
