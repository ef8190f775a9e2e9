/** A part of a guest's file, as it comes over the line between noise. */
import { gunzipSync } from 'node:zlib';
import { sealOf } from './seal.ts';
import type { ServerTools } from './server-tools.ts';

/**
 * Bytes. Up to so many come as they are, in the answer itself, whose length is told: the programs that pack and seal would
 * take the guest longer than the line does.
 */
export const SMALL_PART = 4 * 1024;

/** Bytes of an output that come with the end of its program: four of them fit into a line, in hexadecimal too. */
export const AHEAD = 1024;

/** Unpacked, a part of a file is no longer than was asked for. */
export interface ExpectedPart {
  /** As the guest told it. */
  seal: string;
  /** Bytes at most. */
  length: number;
}

/** A small part, as it stands in an answer. */
export function decodeSmallPart(text: string, { encoding }: Pick<ServerTools, 'encoding'>): Buffer {
  const words = text.split(' ');
  // `uuencode` puts its own first line in front, of which not every word looks different from base64.
  if (words[0] === 'begin-base64') words.splice(0, 3);
  return encoding === 'hex' ? fromHex(words) : fromBase64(words);
}

/** Undefined when noise got into it. Lines that cannot be ours are left out first: most noise comes as lines of its own. */
export function decodePart(
  lines: readonly string[],
  { seal, length }: ExpectedPart,
  tools: Pick<ServerTools, 'encoding' | 'seal' | 'gzip'>,
): Buffer | undefined {
  try {
    const packed = tools.encoding === 'hex' ? fromHex(lines) : fromBase64(lines);
    const data = tools.gzip ? gunzipSync(packed, { maxOutputLength: length + 1 }) : packed;
    return data.length <= length && isSealed(seal, sealOf(tools.seal, data)) ? data : undefined;
  } catch {
    // Not gzip any more.
    return undefined;
  }
}

/** `md5sum` and `cksum` add a file name or a dash. */
function isSealed(answer: string, expected: string): boolean {
  return answer === expected || answer.startsWith(`${expected} `);
}

function fromBase64(lines: readonly string[]): Buffer {
  return Buffer.from(lines.filter((line) => /^[A-Za-z0-9+/]+={0,2}$/.test(line)).join(''), 'base64');
}

/** `od` puts blanks between bytes, `hexdump` fills the last line up with them. */
function fromHex(lines: readonly string[]): Buffer {
  const digits = lines.filter((line) => /^[0-9a-f ]+$/.test(line)).map((line) => line.replaceAll(' ', ''));
  return Buffer.from(digits.join(''), 'hex');
}
