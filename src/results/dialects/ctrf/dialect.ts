import type { Dialect } from '../dialect.ts';

/** Reports before the format had a name of its own begin with their results. */
const SIGN =
  /"reportFormat"\s?:\s?"CTRF"|"results"\s?:\s{0,80}\{\s{0,80}"(?:tool|summary|tests|environment)"\s?:/;

export const ctrf: Dialect = {
  name: 'ctrf',
  title: 'CTRF',
  find: (head) => (/^\s*\{/.test(head) && SIGN.test(head) ? head.indexOf('{') : -1),
  load: async () => (await import('./read-ctrf.ts')).readCtrf,
};
