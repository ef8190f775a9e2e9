/** libvirt's XML: trees that are looked at, changed and written again. */
import { DomUtils, parseDocument } from 'htmlparser2';

export type Document = ReturnType<typeof parseDocument>;
type Node = Document['children'][number];
export type Element = Extract<Node, { attribs: unknown }>;

const OPTIONS = { xmlMode: true, decodeEntities: true } as const;

export function parseXml(text: string): Document {
  return parseDocument(text, OPTIONS);
}

export function showXml(document: Document): string {
  return DomUtils.getOuterHTML(document, { xmlMode: true, encodeEntities: 'utf8', selfClosingTags: true });
}

/** Elements by the path of their names: `domain/devices/disk`. */
export function select(from: Document | Element, path: string): Element[] {
  let found: (Document | Element)[] = [from];
  for (const name of path.split('/')) {
    found = found.flatMap((parent) =>
      parent.children.filter(isElement).filter((child) => child.name === name),
    );
  }
  return found as Element[];
}

export function first(from: Document | Element, path: string): Element | undefined {
  return select(from, path)[0];
}

/** Its text, or an empty one when it is not there. */
export function textOf(from: Document | Element, path: string): string {
  const element = first(from, path);
  return element ? DomUtils.textContent(element) : '';
}

export function remove(element: Element | undefined): void {
  if (element) DomUtils.removeElement(element);
}

/** Elements written as XML become the last children. */
export function append(parent: Element, xml: string): void {
  for (const child of [...parseXml(xml).children]) DomUtils.appendChild(parent, child);
}

function isElement(node: Node): node is Element {
  return 'attribs' in node;
}
