/**
 * VMware's text files (`.vmx`, `.vmsd`, `.vmls`): lines of `key = "value"`. Keys have no case; `|22` stands for a character that would
 * disturb; `.encoding` names the character set, which on Windows is often that of the system.
 */

/** Keys in lower case. */
export type Dictionary = ReadonlyMap<string, string>;

const LINE = /^\s*([^\s#=][^\s=]*)\s*=\s*(?:"(.*)"|([^"]*?))\s*$/;

export function parseDictionary(bytes: Buffer): Dictionary {
  const found = new Map<string, string>();
  for (const line of decode(bytes).split(/\r?\n/)) {
    const [, key, quoted, bare] = LINE.exec(line) ?? [];
    if (key !== undefined) found.set(key.toLowerCase(), decodeValue(quoted ?? bare ?? ''));
  }
  return found;
}

/**
 * The file with some keys set anew, at its end; all other lines stay as they are, byte by byte.
 * @returns undefined when a value cannot be written in the file's character set.
 */
export function withKeys(bytes: Buffer, values: Readonly<Record<string, string>>): Buffer | undefined {
  const encoding = encodingOf(bytes);
  if (encoding !== 'utf-8' && !Object.values(values).every(isAscii)) return undefined;
  // One byte a character, so that nothing is lost whatever the character set.
  const text = bytes.toString('latin1');
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const keys = new Set(Object.keys(values).map((key) => key.toLowerCase()));
  const kept = text
    .split(/\r?\n/)
    .filter((line) => !keys.has(LINE.exec(line)?.[1]?.toLowerCase() ?? ''))
    .join(ending)
    .trimEnd();
  const added = Object.entries(values).map(([key, value]) => `${key} = "${encodeValue(value)}"${ending}`);
  return Buffer.concat([Buffer.from(`${kept}${ending}`, 'latin1'), Buffer.from(added.join(''))]);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder(encodingOf(bytes)).decode(bytes);
  } catch {
    // A character set that Node does not know; names in ASCII come through all the same.
    return bytes.toString('latin1');
  }
}

function encodingOf(bytes: Buffer): string {
  const named = /^\s*\.encoding\s*=\s*"([^"]*)"/im.exec(bytes.toString('latin1'))?.[1];
  return (named ?? 'utf-8').toLowerCase();
}

function decodeValue(value: string): string {
  return value.replace(/\|([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function encodeValue(value: string): string {
  // Control characters, the quote, and the bar itself.
  return value.replace(
    /[\x00-\x1f"|]/g,
    (character) => `|${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}
