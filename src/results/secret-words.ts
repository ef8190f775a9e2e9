/** What a secret looks like in texts: words to look for. */

/** Masking every `1` in a log hides nothing and spoils everything. */
export const SHORTEST = 3;

/** From here on a word is found though blanks or breaks are within it: shorter ones are met by chance. */
const LOOSE_FROM = 8;

export interface SecretWords {
  /** Found as they are. */
  exact: Set<string>;
  /** Without blanks, and found whatever blanks and breaks are between their characters. */
  loose: Set<string>;
}

/** A secret of several lines line by line, for logs rarely keep it together. */
export function secretWords(secrets: readonly string[]): SecretWords {
  const lines = secrets
    .flatMap((secret) => secret.split(/\r\n|[\r\n]/))
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST);
  const exact = new Set(lines.flatMap((line) => [line, urlEncoded(line)]));
  const encoded = lines.flatMap(inBase64);
  const words = [...exact, ...encoded].map((word) => word.replaceAll(/\s/g, ''));
  return { exact, loose: new Set(words.filter((word) => word.length >= LOOSE_FROM)) };
}

function urlEncoded(line: string): string {
  return encodeURIComponent(line.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** What of it stays the same whatever stands before and behind it, for each place in a group of three bytes; in both alphabets. */
function inBase64(line: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(line)]);
    const own = bytes.toString('base64').slice(before === 0 ? 0 : 4, Math.floor(bytes.length / 3) * 4);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
