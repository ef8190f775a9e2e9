/** `<properties>` of a suite or a case. */
import { BoundedText } from '../../bounded-text.ts';
import { keepMessage, keepName, roomForMore } from '../../keep-text.ts';
import type { ReadContext } from '../../parsed-results.ts';
import type { Attributes, XmlElement } from '../../xml-stream.ts';

/** @param properties Filled as they come; without a prototype, for their names come from a guest. */
export function propertiesElement(properties: Record<string, string>, context: ReadContext): XmlElement {
  return {
    child: (name, attributes) =>
      name === 'property' ? propertyElement(attributes, properties, context) : undefined,
  };
}

export function unlessEmpty(properties: Record<string, string> | undefined): typeof properties {
  return properties && Object.keys(properties).length > 0 ? properties : undefined;
}

/** The value is an attribute, or the text. */
function propertyElement(
  attributes: Attributes,
  properties: Record<string, string>,
  context: ReadContext,
): XmlElement {
  const text = new BoundedText(context.limits.message);
  return {
    text: (piece) => text.append(piece),
    close() {
      if (!roomForMore(context)) return;
      const name = keepName(attributes['name'], context);
      if (name === undefined) return;
      if (Object.keys(properties).length >= context.limits.properties) {
        context.problems.add(`more than ${context.limits.properties} properties; the rest was left out`);
        return;
      }
      properties[name] = keepMessage(attributes['value'] ?? text.toString().trim(), context) ?? '';
    },
  };
}
