import type { Dialect } from '../dialect.ts';

export const nunit: Dialect = {
  name: 'nunit',
  title: 'NUnit 3 XML',
  find: (head) => head.search(/<test-run[\s/>]/),
  load: async () => (await import('./read-nunit.ts')).readNUnit,
};
