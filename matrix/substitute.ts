/** Look-ups in texts, and in whole trees, replaced by what they stand for. */
import { type Contexts, resolveLookup } from './contexts.ts';
import { hasLookup, type LookupFault, parseTemplate } from './expressions.ts';
import type { Path } from './place.ts';
import type { LookedUp } from './secrets.ts';

export interface Substituted {
  text: string;
  lookedUp: LookedUp[];
  faults: LookupFault[];
}

/** Of one text: what a file may have, too. */
const LONGEST = 1024 * 1024;

export function substituteText(text: string, contexts: Contexts): Substituted {
  const { parts, faults: syntax } = parseTemplate(text);
  const faults = [...syntax];
  const lookedUp: LookedUp[] = [];
  let result = '';
  for (const part of parts) {
    if (result.length > LONGEST) {
      faults.push({ index: 0, message: 'the look-ups make this text longer than 1 MiB' });
      break;
    }
    if (typeof part === 'string') {
      result += part;
      continue;
    }
    const found = resolveLookup(part, contexts);
    if ('message' in found) faults.push(found);
    else {
      lookedUp.push({ lookup: part, text: found.text });
      result += found.text;
    }
  }
  return { text: result, lookedUp, faults };
}

/** What happens at every text with a look-up in it. With faults, the text stays as it is written. */
export type OnSubstituted = (path: Path, result: Substituted, written: string) => void;

/** A copy of a tree with all look-ups of its texts replaced; keys are left alone. */
export function substituteTree(value: unknown, path: Path, contexts: Contexts, seen: OnSubstituted): unknown {
  if (typeof value === 'string') {
    if (!hasLookup(value)) return value;
    const result = substituteText(value, contexts);
    seen(path, result, value);
    return result.faults.length > 0 ? value : result.text;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => substituteTree(item, [...path, index], contexts, seen));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, substituteTree(inner, [...path, key], contexts, seen)]),
  );
}
