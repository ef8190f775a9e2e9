/** What the XML dialects of .NET share: elements that hold a text, groups of elements, limits. */
import { BoundedText } from '../bounded-text.ts';
import type { ReadContext } from '../parsed-results.ts';
import type { Attributes, XmlElement, XmlOptions } from '../xml-stream.ts';

export function xmlOptions({ limits, problems }: ReadContext): XmlOptions {
  return { maxDepth: limits.depth, maxMarkup: limits.unit, problems };
}

/** Children by their names; others are ignored. */
export type Children = Readonly<Record<string, (attributes: Attributes) => XmlElement | undefined>>;

export function group(children: Children, close?: (finished: boolean) => void): XmlElement {
  return {
    child: (name, attributes) => (Object.hasOwn(children, name) ? children[name]?.(attributes) : undefined),
    ...(close ? { close } : {}),
  };
}

/** An element whose text goes into `into`. */
export function textInto(into: BoundedText): XmlElement {
  return { text: (piece) => into.append(piece) };
}

/** `message` and `stack-trace` of a failure, as NUnit and xUnit.net write them (TRX: `Message`, `StackTrace`). */
export class FailureTexts {
  readonly message: BoundedText;
  readonly stack: BoundedText;

  constructor({ limits }: ReadContext) {
    this.message = new BoundedText(limits.details);
    this.stack = new BoundedText(limits.details);
  }

  /** The element that holds both. */
  element(message = 'message', stack = 'stack-trace'): XmlElement {
    return group({ [message]: () => textInto(this.message), [stack]: () => textInto(this.stack) });
  }

  /** The stack, which is what a failure shows below its message. */
  parts(): { message?: string; details: BoundedText } {
    const message = this.message.toString().trim();
    return { ...(message === '' ? {} : { message }), details: this.stack };
  }
}
