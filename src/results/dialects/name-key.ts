import { createHash } from 'node:crypto';

/** What a map knows a name by. Guests make names as long as they like: a longer one is known by its hash. */
export function nameKey(name: string, limit: number): string {
  return name.length <= limit ? name : `\0${createHash('sha256').update(name).digest('base64')}`;
}
