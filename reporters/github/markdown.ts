/** Guest-made text in GitHub's Markdown: it may look odd, but is neither markup nor a link nor a mention. */
import { cutEnd } from '../../src/results/bounded-text.ts';
import { cleanText } from '../../src/results/sanitize.ts';

const CODE_BLOCK = 4_000;

/** One line, for headings and table cells. */
export function inline(text: string): string {
  return cleanText(text)
    .replace(/\s+/g, ' ')
    .replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character)
    .replace(/[\\`*_{}[\]()#+!|~$:@-]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** As it was, with a fence longer than any inside. */
export function codeBlock(text: string): string {
  const clean = cutEnd(cleanText(text).trimEnd(), CODE_BLOCK);
  const longest = [...clean.matchAll(/`+/g)].reduce((length, [run]) => Math.max(length, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${clean}\n${fence}`;
}
