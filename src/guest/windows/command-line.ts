/** Command lines of Windows: one text, which every program takes apart itself. */

/**
 * By the rules of Microsoft's C runtime, which nearly all programs keep to: quotes around what has blanks, a backslash
 * before quotes, and backslashes doubled where quotes follow.
 */
export function windowsArguments(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  if (word !== '' && !/[\s"]/.test(word)) return word;
  return `"${word.replaceAll(/(\\*)(?="|$)/g, '$1$1').replaceAll('"', '\\"')}"`;
}
