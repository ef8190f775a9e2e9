import fc from 'fast-check';
import { expect, test } from 'vitest';
import { append, first, parseXml, remove, select, showXml, textOf } from '../../../../drivers/libvirt/xml.ts';

test('what is read and written again means the same, whatever it holds', () => {
  const escaped = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;');
  // Characters that XML may hold at all, but for those that it folds in attributes.
  const text = fc.string({ unit: 'grapheme' }).filter((each) => !/[\p{C}\s]/u.test(each));
  fc.assert(
    fc.property(text, text, (name, path) => {
      const written = `<d><name>${escaped(name)}</name><source file='${escaped(path)}'/></d>`;
      const again = parseXml(showXml(parseXml(written)));
      expect(textOf(again, 'd/name')).toBe(name);
      expect(first(again, 'd/source')?.attribs['file']).toBe(path);
    }),
  );
});

test('entities, comments, namespaces and character data stay', () => {
  const text =
    '<domain xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0"><!-- by hand --><d><![CDATA[a<b]]></d>' +
    '<qemu:commandline><qemu:arg value="-a&quot;b&amp;c"/></qemu:commandline></domain>';
  expect(showXml(parseXml(text))).toBe(text);
});

test('elements are found by their path, and only there', () => {
  const document = parseXml('<a><b><c>1</c></b><c>2</c><b><c>3</c></b></a>');
  expect(select(document, 'a/b/c').map((each) => textOf(each, '') || each.children.length)).toEqual([1, 1]);
  expect(textOf(document, 'a/c')).toBe('2');
  expect(textOf(document, 'a/d')).toBe('');
  expect(first(document, 'c')).toBeUndefined();
});

test('elements come and go', () => {
  const document = parseXml('<a><b/><c/></a>');
  const a = first(document, 'a');
  if (!a) throw new Error('there is one');
  remove(first(document, 'a/b'));
  remove(undefined);
  append(a, '<d e="1"/><f/>');
  expect(showXml(document)).toBe('<a><c/><d e="1"/><f/></a>');
});
