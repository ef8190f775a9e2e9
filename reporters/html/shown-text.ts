/**
 * Guest-made text as a browser may show it: control characters are visible, and so are those that turn or hide what
 * stands around them (https://trojansource.codes). Markup needs no care here: the page never reads text as markup.
 */
import { cutEnd, cutMiddle } from '../../src/results/bounded-text.ts';
import { cleanLine, cleanText } from '../../src/results/sanitize.ts';

/** Direction marks and overrides, invisible spaces, separators, tags. Joiners stay: emoji and scripts need them. */
const DECEPTIVE =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const PLAIN = /^[ -~]*$/;

export function shownText(text: string, limit = Number.POSITIVE_INFINITY): string {
  return revealed(cutMiddle(cleanText(text), limit));
}

/** On one line. */
export function shownLine(text: string, limit: number): string {
  // Nearly all names are such: half a million of them should not take seconds.
  if (text.length <= limit && PLAIN.test(text)) return text;
  return revealed(cutEnd(cleanLine(text.slice(0, 4 * limit)), limit));
}

function revealed(text: string): string {
  return text.replace(DECEPTIVE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
  });
}
