/** The names of a cell: its id, its slug, and its environment variables in the guest. */
import { createHash } from 'node:crypto';

/** `debian-12/node=22`: the target, then axes and values in order. Control characters are written as escapes. */
export function cellId(target: string, values: Iterable<readonly [string, string]>): string {
  return [target, ...[...values].map(([key, value]) => `${key}=${escapeControls(value)}`)].join('/');
}

function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    const json = JSON.stringify(character).slice(1, -1);
    return json === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : json;
  });
}

const LONGEST_SLUG = 100;
/** Names that Windows keeps for devices. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * Folder-safe forms of ids: `[a-z0-9_-]` only, unique, and the same whatever the order of the ids. Where several ids have
 * the same form, or it is too long or reserved, a hash of the id is added.
 */
export function slugs(ids: readonly string[]): string[] {
  const plain = ids.map(plainSlug);
  const count = new Map<string, number>();
  for (const slug of plain) count.set(slug, (count.get(slug) ?? 0) + 1);
  const made = plain.map((slug, index) =>
    count.get(slug) === 1 && slug.length <= LONGEST_SLUG && !RESERVED.test(slug)
      ? slug
      : hashedSlug(slug, ids[index] as string, 8),
  );
  // A hashed form may be what a plain one happens to be: then every id takes a longer hash.
  return new Set(made).size === made.length
    ? made
    : ids.map((id, index) => hashedSlug(plain[index] as string, id, 24));
}

function plainSlug(id: string): string {
  return id
    .toLowerCase()
    .replaceAll('/', '_')
    .replace(/[^a-z0-9_-]+/g, '-');
}

function hashedSlug(slug: string, id: string, digits: number): string {
  const hash = createHash('sha256').update(id).digest('hex').slice(0, digits);
  return `${slug.slice(0, LONGEST_SLUG - digits - 1)}-${hash}`;
}

/** `node-version` → `VMTEST_NODE_VERSION`. */
export function axisVariable(axis: string): string {
  return `VMTEST_${axis.toUpperCase().replaceAll('-', '_')}`;
}

/** Set for every cell besides those of its axes. */
export const CELL_VARIABLES = ['VMTEST_TARGET', 'VMTEST_CELL'] as const;
