import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pageDocument } from '../../../../reporters/html/document.ts';
import { chunkElement, jsonElement, scriptSafeJson } from '../../../../reporters/html/embed.ts';
import { nastyText } from '../nasty-text.ts';

const contentOf = (element: string) => /^<script [^>]*>([\s\S]*)<\/script>\n$/.exec(element)?.[1] ?? '';

describe('data in a script element', () => {
  test.each(['</script>', '<!--<script>', ']]>', '\u2028', '\u2029', '<script', '</SCRIPT '])(
    '%j',
    (text) => {
      const json = scriptSafeJson({ [text]: text });
      expect(json).not.toMatch(/[<>\u2028\u2029]/);
      expect(JSON.parse(json)).toEqual({ [text]: text });
    },
  );

  test('any text comes back as it was, and never ends the element', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const content = contentOf(jsonElement('x', { text }));
        expect(content).not.toContain('<');
        expect(JSON.parse(content)).toEqual({ text });
        const packed = contentOf(chunkElement('x', { text }));
        expect(packed).toMatch(/^[A-Za-z0-9+/=]*$/);
        expect(JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString())).toEqual({ text });
      }),
    );
  });
});

describe('the page', () => {
  const page = [
    ...pageDocument('a </title><script>alert(1)</script> & "b"', { script: 'go()', style: 'a{}' }, []),
  ].join('');

  test('its title is text', () => {
    expect(page).toContain(
      '<title>a &lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;b&quot;</title>',
    );
  });

  test('its policy lets run what it carries, and fetch nothing', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    expect(policy).toContain("default-src 'none'");
    // printf 'go()' | openssl dgst -sha256 -binary | base64
    expect(policy).toContain("script-src 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='");
    expect(policy).toContain("style-src 'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});
