/** An independent, strict XML parser: it throws for anything that is not well-formed. */
import { SaxesParser } from 'saxes';

export interface XmlTree {
  name: string;
  attributes: Record<string, string>;
  children: XmlTree[];
  text: string;
}

export function parseXml(xml: string): XmlTree {
  const document: XmlTree = { name: '', attributes: {}, children: [], text: '' };
  const open = [document];
  const parser = new SaxesParser();
  const top = (): XmlTree => open.at(-1) ?? document;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes } as Record<string, string>, children: [], text: '' };
    top().children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    top().text += text;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(xml).close();
  const [root] = document.children;
  if (!root || document.children.length > 1) throw new Error(`${document.children.length} roots`);
  return root;
}

/** All elements of that name, in document order. */
export function all(tree: XmlTree, name: string): XmlTree[] {
  return [...(tree.name === name ? [tree] : []), ...tree.children.flatMap((child) => all(child, name))];
}

export function child(tree: XmlTree, name: string): XmlTree | undefined {
  return tree.children.find((element) => element.name === name);
}
