/** What a file seems to be that is no test result, for somebody whose glob caught too much. */
import { cutEnd } from '../bounded-text.ts';
import { firstLine } from '../sanitize.ts';
import { DIALECTS } from './registry.ts';

export function describeForeign(head: string): string {
  const known = Object.values(DIALECTS).map(({ title }) => title);
  return `${what(head)}; vmtest reads ${known.slice(0, -1).join(', ')} and ${known.at(-1)}`;
}

function what(head: string): string {
  if (head.includes('\0')) return 'the file is binary';
  const text = head.trimStart();
  const root = /^(?:<[?!][^>]*>\s*)*<([\w:.-]+)/.exec(text)?.[1];
  if (root !== undefined) return `the file is not a test result: its first element is <${cutEnd(root, 60)}>`;
  if (/^[[{]/.test(text)) return 'the file is JSON, not a test result that is known';
  return `the file is not a test result: it begins with ${JSON.stringify(cutEnd(firstLine(text), 60))}`;
}
