/** Data within a page: elements that no parser takes for anything else. */
import { deflateRawSync } from 'node:zlib';

/** JSON that can stand in a script element: `</script>`, `<!--` and old line separators cannot occur. */
export function scriptSafeJson(data: unknown): string {
  return JSON.stringify(data).replace(
    /[<>\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** @param name its id is `data-NAME`: parts of the page have ids as well. */
export function jsonElement(name: string, data: unknown): string {
  return `<script type="application/json" id="data-${name}">${scriptSafeJson(data)}</script>\n`;
}

/** Compressed: what the page unpacks only when somebody looks at it. */
export function chunkElement(name: string, data: unknown): string {
  const packed = deflateRawSync(JSON.stringify(data)).toString('base64');
  return `<script type="text/plain" id="data-${name}">${packed}</script>\n`;
}
