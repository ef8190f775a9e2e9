/**
 * XML as text, piece by piece, well-formed whatever the values hold. Everything is escaped rather than put into CDATA
 * sections: these cannot hold their own end, and no reader of the format treats the two differently.
 */
import { cleanText } from '../src/results/sanitize.ts';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Attributes whose value is undefined are left out. */
export type XmlAttributes = Record<string, string | number | undefined>;

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader turns bare ones into spaces.
  '\n': '&#10;',
  '\t': '&#9;',
};

export function escapeText(text: string): string {
  return cleanText(text).replace(/[&<>]/g, (character) => ESCAPES[character] ?? '');
}

export function escapeAttribute(value: string): string {
  return cleanText(value).replace(/[&<>"\n\t]/g, (character) => ESCAPES[character] ?? '');
}

export function openTag(name: string, attributes: XmlAttributes = {}): string {
  return `<${name}${attributeList(attributes)}>`;
}

export function closeTag(name: string): string {
  return `</${name}>`;
}

/** An element with text, or an empty one. */
export function element(name: string, attributes: XmlAttributes, text = ''): string {
  if (text === '') return `<${name}${attributeList(attributes)}/>`;
  return openTag(name, attributes) + escapeText(text) + closeTag(name);
}

function attributeList(attributes: XmlAttributes): string {
  let list = '';
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) list += ` ${name}="${escapeAttribute(String(value))}"`;
  }
  return list;
}
