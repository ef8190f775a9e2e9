import { element } from '../xml-writer.ts';

/** Nothing where there are none. */
export function propertiesElement(indent: string, values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(
    ([name, value]) => `${indent}  ${element('property', { name, value })}\n`,
  );
  return lines.length === 0 ? '' : `${indent}<properties>\n${lines.join('')}${indent}</properties>\n`;
}
