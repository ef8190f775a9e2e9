/** Builds elements. Text only ever becomes a text node: there is no way from data to markup. */

type Value = string | number | boolean | undefined | ((event: Event) => void);
export type Child = Node | string | undefined | false;

/** @param attributes `onclick` and the like are listeners; true is an empty attribute, false and undefined none. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  append(element, children);
  return element;
}

export function svg(tag: string, attributes: Record<string, Value> = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  append(element, children);
  return element;
}

/** Text of others beside ours: its direction of writing stays its own. */
export function name(text: string, attributes: Record<string, Value> = {}): HTMLElement {
  return el('bdi', attributes, text);
}

/** For those who listen rather than look. */
export function spoken(text: string): HTMLElement {
  return el('span', { class: 'spoken' }, text);
}

function setAttribute(element: Element, name: string, value: Value): void {
  if (typeof value === 'function') element.addEventListener(name.slice(2), value);
  else if (value === true) element.setAttribute(name, '');
  else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
}

function append(element: Element, children: Child[]): void {
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
}
