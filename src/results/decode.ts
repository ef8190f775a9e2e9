/** Bytes of a result file → text: by byte order mark, then by the XML declaration, else UTF-8. */
import { TextDecoder } from 'node:util';
import type { Problems } from './problems.ts';

/** A declaration stands in the first bytes or nowhere. */
const HEAD_BYTES = 256;

/** Decodes piece by piece. What is not valid in the encoding becomes U+FFFD. */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  problems: Problems,
): AsyncGenerator<string> {
  let head: Uint8Array | undefined = new Uint8Array();
  let decoder = new TextDecoder();
  for await (const chunk of bytes) {
    if (head === undefined) {
      yield decoder.decode(chunk, { stream: true });
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < HEAD_BYTES) continue;
    decoder = decoderFor(head, problems);
    yield decoder.decode(head, { stream: true });
    head = undefined;
  }
  if (head !== undefined) decoder = decoderFor(head, problems);
  yield decoder.decode(head);
}

function decoderFor(head: Uint8Array, problems: Problems): TextDecoder {
  const label = unmarkedUtf16(head) ?? markedUtf16(head) ?? declaredEncoding(head);
  try {
    return new TextDecoder(label);
  } catch {
    problems.add(`the encoding ${JSON.stringify(label)} is not known; read as UTF-8`);
    return new TextDecoder();
  }
}

function markedUtf16([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return undefined;
}

/** `<` as two bytes. */
function unmarkedUtf16([first, second]: Uint8Array): string | undefined {
  if (first === 0x3c && second === 0) return 'utf-16le';
  if (first === 0 && second === 0x3c) return 'utf-16be';
  return undefined;
}

/** A declaration that can be read byte by byte cannot be UTF-16, whatever it says (.NET string writers say so). */
function declaredEncoding(head: Uint8Array): string {
  const text = Buffer.from(head).toString('latin1');
  if (text.startsWith('\xef\xbb\xbf')) return 'utf-8';
  const declared = /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(text)?.[1] ?? 'utf-8';
  return /^utf-?16|^ucs-?2/i.test(declared) ? 'utf-8' : declared;
}
