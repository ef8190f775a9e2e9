/** "Did you mean": the known spelling nearest to a wrong one. */
import { closest, distance } from 'fastest-levenshtein';

/** Longer texts are not worth comparing: nobody mistypes them, and the comparison takes the product of the lengths. */
const LONGEST = 200;
/** Beyond this many names a suggestion takes longer than it helps. */
const MOST = 500;

/** The nearest of `known` when it is near enough to be what was meant: about one edit in three characters. */
export function nearest(wrong: string, known: Iterable<string>): string | undefined {
  if (wrong.length > LONGEST) return undefined;
  const spellings = new Map([...known].map((name) => [simplified(name), name]));
  const candidates = [...spellings.keys()].filter((name) => name.length <= LONGEST);
  if (candidates.length === 0) return undefined;
  const found = closest(simplified(wrong), candidates);
  const limit = Math.max(1, Math.floor(Math.max(wrong.length, found.length) / 3));
  return distance(simplified(wrong), found) <= limit ? spellings.get(found) : undefined;
}

/** A hint for a name that is not among the known ones: the nearest, else all of them when they are few. */
export function suggest(wrong: string, known: Iterable<string>, what = 'known'): string | undefined {
  const names = [...known];
  if (names.length > MOST) return undefined;
  const near = nearest(wrong, names);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (names.length === 0 || names.length > 12) return undefined;
  return `${what}: ${names.map((name) => `\`${name}\``).join(', ')}`;
}

/** `Fail_Fast` and `fail-fast` are the same word to a person. */
function simplified(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
