import type { Dialect } from '../dialect.ts';

/**
 * A bare `ok` at the start of a line is what `go test` and people say too; a number or a plan they do not.
 * A subtest may come first.
 */
const SIGN =
  /^\ufeff?(?:TAP version 1[2-4]\b|(?: {4})*(?:1\.\.\d+[ \t\r]*(?:#|$)|(?:not )?ok \d+\b)|Bail out!)/m;

export const tap: Dialect = {
  name: 'tap',
  title: 'TAP',
  find: (head) => head.search(SIGN),
  load: async () => (await import('./read-tap.ts')).readTap,
};
