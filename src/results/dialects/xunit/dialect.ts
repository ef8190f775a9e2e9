import type { Dialect } from '../dialect.ts';

/** A bare `assembly` is also the root of Windows manifests, which have other attributes. */
const ROOT = /<assemblies[\s/>]|<assembly\s[^>]*\s(?:test-framework|run-date|total)\s*=/;

export const xunit: Dialect = {
  name: 'xunit',
  title: 'xUnit.net XML',
  find: (head) => head.search(ROOT),
  load: async () => (await import('./read-xunit.ts')).readXUnit,
};
