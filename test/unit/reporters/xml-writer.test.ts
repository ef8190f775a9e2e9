import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeTag, element, openTag, XML_DECLARATION } from '../../../reporters/xml-writer.ts';
import { cleanText } from '../../../src/results/sanitize.ts';
import { parseXml } from '../../support/xml-tree.ts';
import { nastyText } from './nasty-text.ts';

test('any text comes back as it was, but for what XML cannot hold', () => {
  fc.assert(
    fc.property(nastyText, nastyText, (attribute, text) => {
      const tree = parseXml(XML_DECLARATION + element('a', { b: attribute }, text));
      expect(tree).toEqual({
        name: 'a',
        attributes: { b: cleanText(attribute) },
        children: [],
        text: cleanText(text),
      });
    }),
    { numRuns: 2_000 },
  );
});

test('what it looks like', () => {
  expect(openTag('a', { n: 1, none: undefined, text: '<"&\n\t\'>' })).toBe(
    '<a n="1" text="&lt;&quot;&amp;&#10;&#9;\'&gt;">',
  );
  expect(element('a', {})).toBe('<a/>');
  expect(element('a', {}, 'x ]]> y\n')).toBe('<a>x ]]&gt; y\n</a>');
  expect(closeTag('a')).toBe('</a>');
});
